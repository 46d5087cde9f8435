// A new box is being set up in this window: the wizard stays until its last step, also when the vault is
// there already. Which disks were chosen outlives a reload, so that the box can be asked for the same
// words again; the words themselves are never kept.
const KEPT = 'holdfast-welcome';

export interface Chosen {
  disks: string[];
  copies: number;
}

function kept(): Chosen | null {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT) ?? 'null') as Chosen | null;
  } catch {
    return null;
  }
}

class Welcoming {
  on = $state(kept() !== null);
  chosen = $state.raw<Chosen | null>(kept());

  choose(chosen: Chosen) {
    this.chosen = chosen;
    this.on = true;
    sessionStorage.setItem(KEPT, JSON.stringify(chosen));
  }

  end() {
    sessionStorage.removeItem(KEPT);
    this.chosen = null;
    this.on = false;
  }
}

export const welcoming = new Welcoming();
