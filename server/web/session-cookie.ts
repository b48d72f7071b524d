import type { Request, Response } from 'express';
import { absoluteMs } from '../people/sessions.ts';

/** The cookie that holds a session's secret. Behind TLS it is bound to this very host (`__Host-`). */
export class SessionCookie {
  private readonly name: string;
  private readonly attributes: string;

  /** @param url where the pages are reached */
  constructor(url: string) {
    const secure = url.startsWith('https:');
    this.name = secure ? '__Host-range_session' : 'range_session';
    this.attributes = `; Path=/; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
  }

  read(request: Request): string | undefined {
    for (const part of (request.headers.cookie ?? '').split(';')) {
      const at = part.indexOf('=');
      if (at > 0 && part.slice(0, at).trim() === this.name)
        return part
          .slice(at + 1)
          .trim()
          .slice(0, 200);
    }
    return undefined;
  }

  set(response: Response, secret: string): void {
    // The server decides when the session ends; the browser keeps the cookie as long as one can last.
    response.append('set-cookie', `${this.name}=${secret}; Max-Age=${absoluteMs / 1000}${this.attributes}`);
  }

  clear(response: Response): void {
    response.append('set-cookie', `${this.name}=; Max-Age=0${this.attributes}`);
  }
}
