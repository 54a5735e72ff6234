/**
 * A PyTorchJob for Kubeflow's training operator, which sets RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT in every pod. A pod is a rank.
 * The configuration travels in a ConfigMap.
 * @source https://www.kubeflow.org/docs/components/trainer/legacy-v1/reference/ (kubeflow.org/v1 PyTorchJob)
 */
import { toYaml } from '../../experiment/index.ts'
import type { LaunchPlan } from './place.ts'

export interface PodSetting {
  readonly image: string
  /** A PersistentVolumeClaim with the data set, where runs are kept as well. */
  readonly claim: string
}

const storage = '/storage'
/** Where the configuration is mounted. */
export const configPath = '/etc/multigrain/config.yaml'

export function kubernetesJob(plan: LaunchPlan, { image, claim }: PodSetting): string {
  const name = objectName(plan.name)
  const container = {
    // The operator looks for a container of this name.
    name: 'pytorch',
    image,
    command: ['node', 'main/launch.mjs', 'cli', 'train', ...plan.args],
    workingDir: plan.root,
    env: [{ name: 'MULTIGRAIN_HOME', value: `${storage}/multigrain` }],
    ...(plan.gpus ? { resources: { limits: { 'nvidia.com/gpu': 1 } } } : {}),
    volumeMounts: [
      { name: 'storage', mountPath: storage },
      { name: 'config', mountPath: '/etc/multigrain', readOnly: true },
    ],
  }
  const replica = (replicas: number): Record<string, unknown> => ({
    replicas,
    restartPolicy: 'Never',
    template: {
      spec: {
        containers: [container],
        volumes: [
          { name: 'storage', persistentVolumeClaim: { claimName: claim } },
          { name: 'config', configMap: { name } },
        ],
      },
    },
  })
  const map = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name },
    data: { 'config.yaml': toYaml({ ...plan.config }) },
  }
  const job = {
    apiVersion: 'kubeflow.org/v1',
    kind: 'PyTorchJob',
    metadata: { name },
    spec: {
      pytorchReplicaSpecs: {
        Master: replica(1),
        ...(plan.ranks > 1 ? { Worker: replica(plan.ranks - 1) } : {}),
      },
    },
  }
  return [map, job].map(toYamlDocument).join('---\n')
}

/** JSON is YAML, and needs no rules of quoting; one member a line keeps it readable. */
function toYamlDocument(value: Readonly<Record<string, unknown>>): string {
  return `${JSON.stringify(value, null, 2)}\n`
}

/** Lower-case letters, digits and hyphens. */
function objectName(name: string): string {
  const plain = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 50)
  return plain.replace(/^-+|-+$/g, '') || 'multigrain'
}
