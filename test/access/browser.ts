/** What a browser does with redirects and cookies, over real HTTP; no script, no page. */
export class Browser {
  /** Host → name → value. */
  private readonly jars = new Map<string, Map<string, string>>();
  /** Every `set-cookie` header seen, in order. */
  readonly set: string[] = [];

  /** One request, with its cookies; redirects are not followed. */
  async get(url: string | URL, init: RequestInit = {}): Promise<Response> {
    const { host } = new URL(url);
    const jar = this.jars.get(host) ?? new Map<string, string>();
    this.jars.set(host, jar);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { ...(init.headers as Record<string, string>), ...(cookie === '' ? {} : { cookie }) };
    const response = await fetch(url, { ...init, redirect: 'manual', headers });
    for (const text of response.headers.getSetCookie()) {
      this.set.push(text);
      const [pair = '', ...attributes] = text.split('; ');
      const at = pair.indexOf('=');
      const [name, value] = [pair.slice(0, at), pair.slice(at + 1)];
      const over = attributes.some((each) => /^max-age=0$|^expires=Thu, 01 Jan 1970/i.test(each));
      if (over) jar.delete(name);
      else jar.set(name, value);
    }
    return response;
  }

  /** Follows redirects while `until` does not hold of where they lead; resolves with that address, unvisited. */
  async follow(url: string, until: (url: URL) => boolean): Promise<URL> {
    let at = new URL(url);
    for (let hops = 0; hops < 12; hops++) {
      if (until(at)) return at;
      const response = await this.get(at);
      const next = response.headers.get('location');
      if (next === null) throw new Error(`${at} answered ${response.status}: ${await response.text()}`);
      at = new URL(next, at);
    }
    throw new Error(`${url} leads in circles`);
  }

  cookie(name: string): string | undefined {
    for (const jar of this.jars.values()) if (jar.has(name)) return jar.get(name);
    return undefined;
  }

  copy(): Browser {
    const copy = new Browser();
    for (const [host, jar] of this.jars) copy.jars.set(host, new Map(jar));
    return copy;
  }
}
