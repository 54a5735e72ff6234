/** `multigrain doctor`: what this machine offers. */
import type { BackendReport } from '../../contract/index.ts'
import { table } from '../table.ts'
import type { Command } from './shared/command.ts'

export const doctor: Command = {
  name: 'doctor',
  summary: 'Which backends and devices are here, which is chosen and why, what would be faster',
  usage: '',
  details:
    'Every backend that is there is tested kernel by kernel against the cpu backend, and its speed is measured. Takes some seconds.',
  options: {},
  examples: [{ line: 'doctor', explanation: 'looks at this machine' }],
  run: async ({ output, session }) => {
    const { client } = await session()
    output.progress('Testing the backends', 0, 0)
    const [info, report] = await Promise.all([client.system.info({}), client.system.doctor({})])
    output.line(
      `Multigrain ${info.version}, Node ${info.node}, ${info.platform}, ${info.cpus} CPUs, ${(info.memoryBytes / 2 ** 30).toFixed(1)} GiB`,
    )
    output.line(`Data folder: ${info.dataFolder}\n`)
    output.line(
      table(['BACKEND', 'STATUS', 'DEVICE', 'SELF-TEST', 'GFLOP/S>', 'DETAIL'], report.backends.map(row)),
    )
    output.line(`\nChosen: ${report.chosen}. ${report.reason}`)
    for (const check of report.checks)
      output.line(
        `${check.ok ? 'ok     ' : 'PROBLEM'} ${check.name}: ${check.detail}${check.ok || check.remedy === '' ? '' : `. ${check.remedy}`}`,
      )
    if (report.advice.length > 0)
      output.line(`\nWhat would help:\n${report.advice.map(each => `- ${each}`).join('\n')}`)
    return { info, ...report }
  },
}

function row(backend: BackendReport): string[] {
  const { selfTest } = backend
  const tested =
    selfTest === null
      ? '–'
      : selfTest.failed.length === 0
        ? `${selfTest.kernels} kernels ok`
        : `${selfTest.failed.length} of ${selfTest.kernels} failed`
  return [
    `${backend.name}${backend.chosen ? ' *' : ''}`,
    backend.available ? 'available' : 'missing',
    backend.device,
    tested,
    backend.gflops?.toFixed(1) ?? '–',
    backend.available
      ? backend.detail
      : [backend.detail, backend.remedy].filter(text => text !== '').join('. '),
  ]
}
