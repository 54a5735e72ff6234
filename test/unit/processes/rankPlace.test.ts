/** Which rank a process is, from what launchers write into its environment. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { placeFromEnvironment } from '../../../core/processes/rankPlace.ts'

const torchrun = {
  RANK: '1',
  WORLD_SIZE: '4',
  LOCAL_WORLD_SIZE: '2',
  MASTER_ADDR: 'node-1',
  MASTER_PORT: '29400',
}

describe('the place of a rank', () => {
  it('is there only where more than one rank was started', () => {
    assert.equal(placeFromEnvironment({}), null)
    assert.equal(placeFromEnvironment({ RANK: '0', WORLD_SIZE: '1' }), null)
    assert.equal(placeFromEnvironment({ RANK: '3' }), null)
  })

  it('comes from the variables of torchrun', () => {
    const place = placeFromEnvironment(torchrun)
    assert.deepEqual(
      [place?.rank, place?.world, place?.localWorld, place?.meeting],
      [1, 4, 2, { kind: 'tcp', host: 'node-1', port: 29_400, isServed: false, prefix: '' }],
    )
    assert.deepEqual([place?.rendezvousMs, place?.collectiveMs], [300_000, 600_000])
  })

  it('knows that torchrun serves the store itself, and starts its processes anew', () => {
    const place = placeFromEnvironment({
      ...torchrun,
      TORCHELASTIC_USE_AGENT_STORE: 'True',
      TORCHELASTIC_RESTART_COUNT: '2',
    })
    assert.ok(place?.meeting.kind === 'tcp' && place.meeting.isServed)
    assert.equal(place.meeting.prefix, 'multigrain/2/')
  })

  it('comes from Slurm, Open MPI or MPICH where nobody set RANK', () => {
    const slurm = placeFromEnvironment({
      ...{ SLURM_PROCID: '5', SLURM_NTASKS: '16', SLURM_STEP_NUM_TASKS: '8', SLURM_NTASKS_PER_NODE: '4' },
      MASTER_ADDR: 'n01',
    })
    assert.deepEqual([slurm?.rank, slurm?.world, slurm?.localWorld], [5, 8, 4])
    assert.ok(slurm?.meeting.kind === 'tcp' && slurm.meeting.port === 29_500)
    const onOneNode = placeFromEnvironment({ SLURM_PROCID: '0', SLURM_NTASKS: '2', SLURM_NNODES: '1' })
    assert.ok(onOneNode?.meeting.kind === 'tcp' && onOneNode.meeting.host === '127.0.0.1')
    const openMpi = placeFromEnvironment({
      ...{ OMPI_COMM_WORLD_RANK: '1', OMPI_COMM_WORLD_SIZE: '2', OMPI_COMM_WORLD_LOCAL_SIZE: '2' },
    })
    assert.deepEqual([openMpi?.rank, openMpi?.world, openMpi?.localWorld], [1, 2, 2])
    const mpich = placeFromEnvironment({ PMI_RANK: '0', PMI_SIZE: '2', MASTER_ADDR: '10.0.0.1' })
    assert.deepEqual([mpich?.rank, mpich?.world], [0, 2])
  })

  it('is a file for the ranks that the workbench starts, with less patience', () => {
    const place = placeFromEnvironment({ RANK: '0', WORLD_SIZE: '2', MULTIGRAIN_RANKS: '/tmp/x/meeting' })
    assert.deepEqual(place?.meeting, { kind: 'file', path: '/tmp/x/meeting' })
    assert.deepEqual([place.localWorld, place.rendezvousMs], [2, 60_000])
  })

  it('takes other times from the environment', () => {
    const env = { ...torchrun, MULTIGRAIN_RENDEZVOUS_SECONDS: '7', MULTIGRAIN_COLLECTIVE_SECONDS: '9' }
    const place = placeFromEnvironment(env)
    assert.deepEqual([place?.rendezvousMs, place?.collectiveMs], [7000, 9000])
  })

  for (const [field, env, message] of [
    ['RANK', { ...torchrun, RANK: '4' }, /RANK: expected a whole number from 0 to 3, got '4'/],
    ['WORLD_SIZE', { ...torchrun, WORLD_SIZE: 'two' }, /WORLD_SIZE: expected .* got 'two'/],
    ['MASTER_PORT', { ...torchrun, MASTER_PORT: '0' }, /MASTER_PORT: expected .* from 1 to 65535/],
    [
      'MASTER_ADDR',
      { RANK: '0', WORLD_SIZE: '2' },
      /MASTER_ADDR: expected the name or address of the machine/,
    ],
    [
      'MULTIGRAIN_COLLECTIVE_SECONDS',
      { ...torchrun, MULTIGRAIN_COLLECTIVE_SECONDS: '-1' },
      /MULTIGRAIN_COLLECTIVE_SECONDS: expected/,
    ],
  ] as const) {
    it(`says what is wrong with ${field}`, () => {
      assert.throws(() => placeFromEnvironment(env), { code: 'invalid-config', message })
    })
  }
})
