/** Lint: what the type check cannot see, and what keeps files short and honest. */
import vue from 'eslint-plugin-vue'
import tseslint from 'typescript-eslint'

const focused = ['test', 'it', 'describe', 'suite'].flatMap(object =>
  ['only', 'skip', 'todo'].map(property => ({ object, property })),
)

export default tseslint.config(
  { ignores: ['node_modules', 'out', 'test-output', 'shared', 'test/fixtures'] },
  ...tseslint.configs.recommended,
  ...vue.configs['flat/essential'],
  {
    files: ['**/*.vue'],
    languageOptions: { parserOptions: { parser: tseslint.parser } },
    rules: { 'vue/multi-word-component-names': 'off', 'vue/no-v-html': 'error' },
  },
  {
    files: ['**/*.{ts,mjs,vue}'],
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/ban-ts-comment': ['error', { 'ts-expect-error': 'allow-with-description' }],
      '@typescript-eslint/no-empty-function': 'off',
      'max-lines': ['error', { max: 400 }],
      'no-restricted-syntax': [
        'error',
        {
          selector: 'ExportDefaultDeclaration',
          message: 'Export by name: a file is found by what it is called.',
        },
      ],
      'prefer-const': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-var': 'error',
    },
  },
  // Tools that ask for a default export.
  {
    files: ['*.config.*', '**/*.vue', '**/*.d.ts', 'test/reporter.ts'],
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    files: ['core/**/*.ts'],
    ignores: ['core/cli/**', 'core/processes/**', 'core/registry/sync.ts'],
    rules: { 'no-console': 'error' },
  },
  { files: ['renderer/**'], rules: { 'no-console': 'error' } },
  { files: ['test/**/*.ts'], rules: { 'no-restricted-properties': ['error', ...focused] } },
)
