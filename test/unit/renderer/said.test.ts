/** What the host says, in Chinese: every sentence that is translated is one that the host says. */
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { speak } from '../../../renderer/language/index.ts'
import { said } from '../../../renderer/language/said.ts'
import { host } from '../../../renderer/language/zh/index.ts'
import { errorText } from '../../../renderer/format/errors.ts'

const root = join(import.meta.dirname, '..', '..', '..')

/** All that stands between quotes in the sources, with `{}` for values, and pieces that are put together with + joined. */
function literals(): string {
  const sources = globSync(['core/**/*.ts', 'main/**/*.ts', 'renderer/link.ts'], { cwd: root })
  return sources
    .map(file => readFileSync(join(root, file), 'utf8'))
    .map(text => text.replaceAll(/['`]\s*\+\s*['`]/g, ''))
    .map(text => text.replaceAll(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, '{}').replaceAll("\\'", "'"))
    .join('\n')
}

before(() => speak('zh-CN', []))
after(() => speak('en', []))

test('every sentence is one that the host says', () => {
  const all = literals()
  const foreign = Object.keys(host).filter(key => {
    const text = key.replaceAll(/\{\d\}/g, '{}')
    // What is put together from a name and a reason is said in two pieces.
    return !all.includes(text) && !text.split(': ').every(piece => all.includes(piece))
  })
  assert.deepEqual(foreign, [])
})

test('a translation keeps its values', () => {
  const names = (text: string): string[] => [...text.matchAll(/\{\d\}/g)].map(match => match[0]).sort()
  for (const [english, chinese] of Object.entries(host))
    assert.deepEqual(names(chinese), names(english), english)
})

test('sentences are said in Chinese, with values and file names as they are', () => {
  assert.equal(
    said('The workbench ended while this run trained. Resume goes on from its newest checkpoint'),
    '此运行训练期间工作台已结束。继续将从其最新检查点开始',
  )
  assert.equal(said('/data/a b.jpg: The image cannot be decoded'), '/data/a b.jpg：该图像无法解码')
  assert.equal(
    said('/mnt/x: cannot be read: permission denied; make it readable for this user'),
    '/mnt/x：无法读取：没有权限；请让当前用户可读',
  )
  assert.equal(said('The trainer ended with exit code 7'), '训练进程 以退出码 7 结束')
  assert.equal(said('libtorch 1.13.0 on all cores of the processor'), 'libtorch 1.13.0，使用处理器的所有核')
})

test('what has no translation stays, beside what has one', () => {
  assert.equal(said('Something else happened'), 'Something else happened')
  assert.equal(said('Something else happened. Choose another'), 'Something else happened。请另选一个')
  const failure = { message: 'step-00000010 is pinned', details: { remedy: 'Unpin it first' } }
  assert.equal(errorText(failure), 'step-00000010 已固定。请先取消固定')
})

test('in English nothing changes', async () => {
  await speak('en', [])
  assert.equal(
    said('The image cannot be decoded. Choose another'),
    'The image cannot be decoded. Choose another',
  )
  await speak('zh-CN', [])
})
