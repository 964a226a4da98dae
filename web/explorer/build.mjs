// Bundles the explorer into the folder that is named: the page, its scripts and workers under names
// that carry their hash, and the licences of everything that went into them. Each file is compressed,
// as the portal sends it.
import { gzip } from '@gfx/zopfli';
import { build } from 'esbuild';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';

const outdir = process.argv[2];
rmSync(outdir, { recursive: true, force: true });
mkdirSync(outdir, { recursive: true });

const workers = {
  editor: 'node_modules/monaco-editor/esm/vs/editor/editor.worker.js',
  json: 'node_modules/monaco-editor/esm/vs/language/json/json.worker.js',
  graphql: 'node_modules/monaco-graphql/esm/graphql.worker.js',
};

/** without is the text of a file with another text in the place of the one that must be there. */
function without(old, other, path) {
  const text = readFileSync(path, 'utf8');
  if (!old.test(text)) throw new Error(`${path} has no ${old}`);
  return text.replace(old, other);
}

const { metafile } = await build({
  entryPoints: [{ in: 'main.jsx', out: 'explorer' }, ...Object.entries(workers).map(([label, path]) => ({ in: path, out: `${label}.worker` }))],
  bundle: true,
  minify: true,
  splitting: true,
  format: 'esm',
  target: 'es2022',
  outdir,
  publicPath: '/explorer',
  entryNames: '[name]-[hash]',
  chunkNames: 'chunk-[hash]',
  assetNames: '[name]-[hash]',
  jsx: 'automatic',
  loader: { '.ttf': 'file' },
  define: { 'process.env.NODE_ENV': '"production"' },
  legalComments: 'none', // LICENSES.txt has them whole
  metafile: true,
  logLevel: 'warning',
  plugins: [
    {
      name: 'smaller parts',
      setup({ onResolve, onLoad }) {
        const here = (name) => join(import.meta.dirname, name);
        onResolve({ filter: /\/edcore\.main\.js$/ }, () => ({ path: here('monaco.js') }));
        onResolve({ filter: /\/utility\/jsonc\.js$/ }, ({ importer }) => (importer === here('jsonc.js') ? undefined : { path: here('jsonc.js') }));
        onResolve({ filter: /^prettier\/(parser-babel|plugins\/estree)$/ }, ({ path }) => ({ path, namespace: 'left out' }));
        onLoad({ filter: /./, namespace: 'left out' }, () => ({ contents: '' }));
        // The editor names these two classes and makes none of them before it is asked to compare texts.
        onResolve({ filter: /\/(diffEditorWidget|multiDiffEditorWidget)\.js$/ }, ({ path }) => ({ path, namespace: 'differences' }));
        onLoad({ filter: /./, namespace: 'differences' }, () => ({ contents: 'export class DiffEditorWidget {}\nexport class MultiDiffEditorWidget {}' }));
        // Two tables that hardly get smaller by compression: characters that look alike, which monaco.js leaves
        // unmarked, and the 2,000 names of characters in HTML, of which descriptions in the schema have none but XML's.
        onLoad({ filter: /\/base\/common\/strings\.js$/ }, ({ path }) => ({ contents: without(/JSON\.parse\('\{\\"_common\\":.*'\)/, '{}', path) }));
        onLoad({ filter: /\/decode-data-html\.js$/ }, ({ path }) => ({ contents: "export { xmlDecodeTree as htmlDecodeTree } from './decode-data-xml.js'", resolveDir: dirname(path) }));
      },
    },
  ],
});

const built = (entry) => Object.entries(metafile.outputs).find(([, output]) => output.entryPoint === entry);
const address = (path) => `/explorer/${basename(path)}`;

const [script, { cssBundle }] = built('main.jsx');
const page = {
  SCRIPT: address(script),
  STYLE: address(cssBundle),
  WORKERS: JSON.stringify(Object.fromEntries(Object.entries(workers).map(([label, entry]) => [label, address(built(entry)[0])]))),
};
writeFileSync(join(outdir, 'index.html'), readFileSync('index.html', 'utf8').replace(/\b[A-Z]{5,}\b/g, (word) => page[word] ?? word));

// Styles of parts that load later are in the page's own already.
for (const path of Object.keys(metafile.outputs)) {
  if (path.endsWith('.css') && path !== cssBundle) rmSync(path);
}

const packages = new Set();
for (const { inputs } of Object.values(metafile.outputs)) {
  for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
    const folder = path.match(/^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/)?.[0];
    if (folder && bytesInOutput > 0) packages.add(folder);
  }
}

// These come without the text of their licence; a neighbour out of the same repository has it.
const licenceOf = JSON.parse(readFileSync('licences.json', 'utf8'));

const licences = [...packages].sort().map((folder) => {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const texts = readdirSync(folder)
    .filter((file) => /^(licen[cs]e|copying|notice|thirdpartynotices)/i.test(file))
    .sort()
    .map((file) => join(folder, file));
  if (texts.length === 0 && licenceOf[name]) texts.push(join('node_modules', licenceOf[name]));
  if (!license || texts.length === 0) throw new Error(`${folder}: ${license ?? 'no licence'}, and no text of it; see licences.json`);
  return [`${name} ${version} (${license})`, ...texts.map((path) => readFileSync(path, 'utf8').replaceAll('\r', '').trim())].join('\n\n');
});
writeFileSync(
  join(outdir, 'LICENSES.txt'),
  `The explorer is made of these packages, under these licences.\n\n${licences.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`,
);

// Zopfli finds the smallest gzip. It is an npm package of one version, so the same bytes come out whatever
// zlib Node has; it writes no time into them.
for (const file of readdirSync(outdir)) {
  const path = join(outdir, file);
  writeFileSync(`${path}.gz`, await promisify(gzip)(readFileSync(path), { numiterations: 5 }));
  rmSync(path);
}
