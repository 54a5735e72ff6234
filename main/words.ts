/** What the desktop shell says outside the page: menus, dialogs, notifications. English is the key, as in the interface. */
import type { Settings } from '../core/contract/index.ts'

const zh: Readonly<Record<string, string>> = {
  File: '文件',
  Edit: '编辑',
  View: '视图',
  Go: '前往',
  Window: '窗口',
  Help: '帮助',
  'New window': '新建窗口',
  'Add data…': '添加数据…',
  'New run': '新建运行',
  'Settings…': '设置…',
  'Close window': '关闭窗口',
  Quit: '退出',
  Undo: '撤销',
  Redo: '重做',
  Cut: '剪切',
  Copy: '复制',
  Paste: '粘贴',
  'Select all': '全选',
  'Actual size': '实际大小',
  'Zoom in': '放大',
  'Zoom out': '缩小',
  'Full screen': '全屏',
  'Developer tools': '开发者工具',
  Data: '数据',
  Train: '训练',
  Runs: '运行',
  Compare: '比较',
  Retrieval: '检索',
  Minimise: '最小化',
  'Getting started': '入门',
  'Open the data folder': '打开数据文件夹',
  About: '关于',
  'A run is training': '有一个运行正在训练',
  '{count} runs are training': '有 {count} 个运行正在训练',
  'Quitting saves and pauses training. It can be resumed from there.':
    '退出时会保存并暂停训练，之后可从该处继续。',
  'Keep training': '继续训练',
  'Save and quit': '保存并退出',
  'The window crashed': '窗口已崩溃',
  'The window does not answer': '窗口没有响应',
  'Training goes on, and nothing is lost. A report was left in the data folder; it is sent to nobody.':
    '训练仍在继续，没有丢失任何内容。报告已保存在数据文件夹中，不会发送给任何人。',
  'Training goes on, and nothing is lost. You can wait, or load the page anew.':
    '训练仍在继续，没有丢失任何内容。你可以等待，或重新加载页面。',
  'Load anew': '重新加载',
  Wait: '等待',
  finished: '已完成',
  failed: '失败',
  stopped: '已停止',
  paused: '已暂停',
  interrupted: '已中断',
  '{name}: {status}': '{name}：{status}',
  '{metric} is {value}, above {limit}, at step {step}': '第 {step} 步：{metric} 为 {value}，高于 {limit}',
  '{metric} is {value}, below {limit}, at step {step}': '第 {step} 步：{metric} 为 {value}，低于 {limit}',
  '{metric} is {value} at step {step}': '第 {step} 步：{metric} 为 {value}',
  'No progress for {limit} minutes, at step {step}': '已有 {limit} 分钟没有进展，停在第 {step} 步',
  '{metric} has not improved for {limit} steps; the best is {value}':
    '{metric} 已有 {limit} 步没有改善，最佳值为 {value}',
  'top-1 {percent} %': 'top-1 {percent} %',
}

export type Say = (english: string, values?: Readonly<Record<string, string | number>>) => string

/**
 * Texts in the user's language.
 * @param locale of the system, such as `zh-CN`.
 */
export function words(choice: Settings['language'], locale: string): Say {
  const isChinese = choice === 'zh-CN' || (choice === 'system' && /^zh\b/i.test(locale))
  return (english, values = {}) => {
    const text = isChinese ? (zh[english] ?? english) : english
    return text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))
  }
}

/** For the test that nothing is missing. */
export const translated: readonly string[] = Object.keys(zh)
