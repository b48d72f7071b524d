import { gunzipSync } from 'node:zlib';
import type { EndpointRequest, EndpointResponse } from '../../cloud/context.ts';
import type { SimulatedHost } from '../../cloud/hosts.ts';
import { jsonAnswer, readJson } from '../host-json.ts';
import { compareVersions } from './findings.ts';
import { type Advisory, handedOut, type PublishedVersion, publishedIn } from './published.ts';
import { manifestOf, tarballOf } from './tarball.ts';

/** Longest list of installed packages that an audit sends. */
const mostAudit = 1024 * 1024;
const missing = jsonAnswer(404, { error: 'Not found' });

/**
 * An npm registry on the internet: package documents, tarballs and audits, read only. What is in it are records of the
 * account state (`publish`), so that a fork can have newer versions, or other bytes under an old number.
 * https://github.com/npm/registry/blob/main/docs/REGISTRY-API.md
 */
export function npmRegistry(name: string): SimulatedHost {
  return {
    name,
    port: 443,
    place: { kind: 'internet' },
    http({ state }, request) {
      const { versions: all, once, advisories } = publishedIn(state, name);
      const versions = all.map((each) => once.find((other) => isSame(each, other)) ?? each);
      const path = decoded(request.url.split('?')[0]!);
      if (path === '/-/npm/v1/security/advisories/bulk' && request.method === 'POST') return audit(request, advisories);
      if (request.method !== 'GET' || path === undefined) return missing;
      if (path === '/-/ping') return jsonAnswer(200, {});
      const [wanted, file] = path.slice(1).split('/-/') as [string, string | undefined];
      const own = versions.filter((version) => version.name === wanted);
      if (own.length === 0) return missing;
      if (file === undefined) return jsonAnswer(200, documentOf(name, own));
      const asked = own.find((version) => fileOf(version) === file);
      if (asked && once.includes(asked)) handedOut(state, name, asked);
      return asked === undefined
        ? missing
        : {
            status: 200,
            headers: { 'content-type': 'application/octet-stream' },
            body: tarballOf(asked).bytes,
          };
    },
  };
}

const isSame = (a: PublishedVersion, b: PublishedVersion): boolean => a.name === b.name && a.version === b.version;

function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

/** The last part of a tarball's address. */
export const fileOf = ({ name, version }: PublishedVersion): string => `${name.split('/').at(-1)}-${version}.tgz`;

function documentOf(registry: string, versions: readonly PublishedVersion[]): object {
  const { name } = versions[0]!;
  const sorted = [...versions].sort((a, b) => compareVersions(a.version, b.version));
  const entries = sorted.map((each) => {
    const { integrity, shasum } = tarballOf(each);
    const script = ['preinstall', 'install', 'postinstall'].some((hook) => each.scripts?.[hook] !== undefined);
    return [
      each.version,
      {
        ...manifestOf(each),
        ...(script ? { hasInstallScript: true } : {}),
        dist: { tarball: `https://${registry}/${name}/-/${fileOf(each)}`, integrity, shasum },
      },
    ] as const;
  });
  return {
    _id: name,
    name,
    'dist-tags': { latest: sorted.at(-1)!.version },
    versions: Object.fromEntries(entries),
    time: Object.fromEntries(sorted.map(({ version, published }) => [version, published])),
  };
}

/** Answers with all advisories of the packages that are named; npm itself looks which versions they are about. */
function audit(request: EndpointRequest, advisories: readonly Advisory[]): EndpointResponse {
  const installed = readJson(textOf(request));
  const found: Record<string, object[]> = {};
  advisories.forEach((advisory, index) => {
    if (!Object.hasOwn(installed, advisory.package)) return;
    const { package: name, id, title, severity, range, cwe } = advisory;
    (found[name] ??= []).push({
      id: 1_100_000 + index,
      url: `https://github.com/advisories/${id}`,
      title,
      severity,
      vulnerable_versions: range,
      cwe,
      cvss: { score: 0, vectorString: null },
    });
  });
  return jsonAnswer(200, found);
}

function textOf({ headers, body }: EndpointRequest): string {
  try {
    const bytes = headers['content-encoding'] === 'gzip' ? gunzipSync(body, { maxOutputLength: mostAudit }) : body;
    return Buffer.from(bytes).toString('utf8');
  } catch {
    return '';
  }
}
