// Where the page is: the part of the address behind the `#`. The box is never asked for it, so that a
// reload works from any file it serves.

function read(): string {
  const said = location.hash.replace(/^#/, '');
  return said.startsWith('/') ? said : '/';
}

class Place {
  path = $state(read());

  constructor() {
    addEventListener('hashchange', () => {
      this.path = read();
    });
  }

  /** Its parts: `/disks/ab` is `['disks', 'ab']`. */
  get parts(): string[] {
    return this.path.split('/').filter(Boolean).map(decodeURIComponent);
  }

  go(path: string) {
    location.hash = path;
  }
}

export const place = new Place();
