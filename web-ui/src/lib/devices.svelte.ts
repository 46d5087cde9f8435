// The devices of whoever is signed in: asked for once for all parts of Settings that show some.
import { api, ask } from './api/client';
import type { OneDevice } from './api/types';

class Devices {
  all = $state.raw<OneDevice[] | null>(null);

  async load(): Promise<OneDevice[]> {
    this.all = (await ask(api.GET('/api/v1/devices'))).devices;
    return this.all;
  }
}

export const devices = new Devices();
