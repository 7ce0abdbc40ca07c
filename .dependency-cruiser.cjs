// Which way imports go, in a form that a machine holds. `folders` and `packages` are what a
// folder may import beside itself; no `packages` means any that is in "dependencies"; `node` allows Node's own modules.
const table = {
  contracts: { folders: [], packages: ['zod'], node: false },
  config: { folders: [], packages: ['zod'], node: false },
  workflows: {
    folders: ['contracts'],
    packages: ['@temporalio/workflow', '@temporalio/common', '@marcbachmann/cel-js'],
    node: false,
  },
  flows: {
    folders: ['contracts', 'workflows'],
    packages: ['@marcbachmann/cel-js', '@eslint-community/regexpp'],
    node: false,
  },
  activities: { folders: ['contracts', 'db', 'channels', 'storage'], node: true },
  channels: {
    folders: ['contracts', 'markup'],
    packages: ['telegraf', 'ioredis', 'standardwebhooks', 'uuid', 'zod'],
    node: true,
  },
  db: { folders: ['contracts'], packages: ['drizzle-orm', 'pg', 'uuid'], node: true },
  encryption: { folders: ['contracts'], packages: [], node: true },
  storage: { folders: ['contracts'], packages: ['aws4fetch', 'file-type'], node: true },
  temporal: { folders: ['contracts', 'workflows', 'encryption'], packages: ['@temporalio/[^/]+'], node: true },
  runtime: {
    folders: ['contracts', 'config', 'db', 'channels', 'temporal', 'encryption', 'storage'],
    packages: ['@temporalio/common', 'close-with-grace', 'ioredis', 'nodemailer', 'pino'],
    node: true,
  },
  api: {
    folders: [
      'contracts',
      'config',
      'db',
      'channels',
      'temporal',
      'encryption',
      'storage',
      'runtime',
      'workflows',
      'flows',
    ],
    node: true,
  },
  worker: {
    folders: [
      'contracts',
      'config',
      'db',
      'channels',
      'temporal',
      'encryption',
      'storage',
      'runtime',
      'workflows',
      'activities',
    ],
    node: true,
  },
  commands: { folders: ['contracts', 'config', 'db', 'encryption', 'temporal', 'runtime'], node: true },
  markup: { folders: ['contracts'], packages: [], node: false },
  widget: { folders: ['contracts', 'markup'], packages: ['preact', 'uuid'], node: false },
};

const code = [...Object.keys(table), 'console', 'dev', 'tests', 'bench', 'scripts'];
const npm = ['npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-bundled', 'npm-no-pkg', 'npm-unknown'];

// Programs and build files: composition roots, which put parts together that know nothing of each other.
const roots = '^(db/(migrateMain|drizzle\\.config)|widget/build(Main)?)\\.ts$';

function rulesOf([folder, { folders, packages, node }]) {
  const from = { path: `^${folder}/`, pathNot: roots };
  const rules = [
    {
      name: `${folder}-imports-only-${folders.join('-') || 'itself'}`,
      severity: 'error',
      from,
      to: { path: `^(${code.join('|')})/`, pathNot: `^(${[folder, ...folders].join('|')})/` },
    },
  ];
  if (packages) {
    const pathNot = `node_modules/(${packages.join('|')})/`;
    rules.push({ name: `${folder}-packages`, severity: 'error', from, to: { dependencyTypes: npm, pathNot } });
  }
  if (!node) {
    rules.push({ name: `${folder}-no-node-builtins`, severity: 'error', from, to: { dependencyTypes: ['core'] } });
  }
  return rules;
}

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...Object.entries(table).flatMap(rulesOf),
    {
      name: 'every-folder-has-a-row',
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['local'], path: '/', pathNot: `^(${code.join('|')}|node_modules)/` },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'every-import-resolves', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'api-takes-only-message-definitions-from-workflows',
      comment: 'The API signals workflows; what they do inside is theirs.',
      severity: 'error',
      from: { path: '^api/' },
      to: {
        path: '^workflows/',
        pathNot: '^workflows/(conversation/(messages|searchAttributes)|erasure/messages)\\.ts$',
      },
    },
    {
      name: 'no-development-packages-in-production',
      severity: 'error',
      from: { path: `^(${Object.keys(table).join('|')})/`, pathNot: roots },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'channels-do-not-know-each-other',
      severity: 'error',
      from: { path: '^channels/([^/]+)/' },
      to: { path: '^channels/[^/]+/', pathNot: '^channels/$1/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|\\.parley|coverage)/' },
    // Type-only imports count too: whoever needs another's types knows of it.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.mjs', '.cjs', '.js', '.d.ts', '.json'],
    },
  },
};
