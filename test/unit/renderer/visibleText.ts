/** Finds the texts of the interface: those that a component shows as they stand, and those that it asks a translation for. */
import { parse } from 'vue/compiler-sfc'

interface Node {
  readonly type: number
  readonly tag?: string
  readonly content?: unknown
  readonly children?: readonly Node[]
  readonly props?: readonly {
    readonly type: number
    readonly name: string
    readonly value?: { readonly content: string }
  }[]
  readonly loc: { readonly start: { readonly line: number } }
}

const [elementNode, textNode, attributeNode] = [1, 2, 6]
const spoken = new Set([
  'title',
  'aria-label',
  'aria-description',
  'placeholder',
  'alt',
  'label',
  'text',
  'confirm-label',
])
/** Names, and figures' names, that are the same in every language. */
const names =
  /\b(Multigrain|MultiGrain|ResNet|Inception|PyTorch|ONNX|TensorFlow|GeM|PCA|UMAP|CSV|PNG|SVG|YAML|JSON|GPU|CPU|mAP|AP|F1)\b/g
/** What is typed or computed, the same in every language. */
const wordless = new Set(['code', 'kbd', 'pre'])

/** Words that stand in a template and not in a call of `t`, each with its line. */
export function rawTexts(source: string): string[] {
  const root = parse(source).descriptor.template?.ast as unknown as Node | undefined
  const found: string[] = []
  const visit = (node: Node): void => {
    if (node.type === textNode && isWords(node.content)) note(node, String(node.content).trim())
    if (node.type === elementNode) {
      for (const prop of node.props ?? []) {
        const text = prop.value?.content
        if (prop.type === attributeNode && spoken.has(prop.name) && isWords(text))
          note(node, `${prop.name}="${text}"`)
      }
    }
    if (!wordless.has(node.tag ?? '')) for (const child of node.children ?? []) visit(child)
  }
  const note = (node: Node, text: string): void => void found.push(`line ${node.loc.start.line}: ${text}`)
  if (root) visit(root)
  return found
}

/** The English texts that a file asks for: arguments of `t('…')`, and the second form in `tn(count, '…', '…')`. */
export function askedTexts(source: string): string[] {
  const quoted = String.raw`(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|` + '`(?:[^`\\\\$]|\\\\.)*`)'
  const single = [...source.matchAll(new RegExp(String.raw`(?<![\w.])t\(\s*(${quoted})`, 'g'))].map(
    found => found[1]!,
  )
  const several = [
    ...source.matchAll(new RegExp(String.raw`(?<![\w.])tn\((?:[^'"]|\n)*?(${quoted}),\s*(${quoted})`, 'g')),
  ].map(found => found[2]!)
  return [...single, ...several].map(literal => literal.slice(1, -1).replaceAll(/\\(.)/gs, '$1'))
}

function isWords(text: unknown): boolean {
  return typeof text === 'string' && /[A-Za-z]{2,}/.test(text.replaceAll(names, ''))
}
