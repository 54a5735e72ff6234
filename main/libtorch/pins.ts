/**
 * The libtorch that this version of the workbench is built for, by system. Each is one file, known by its SHA-256: another file is never
 * unpacked, whatever the server says.
 *
 * Addresses are PyTorch's own (https://pytorch.org/get-started/locally/). PyTorch publishes no hashes of the archives; these are the ones that
 * others who download the same files have written down: package definitions of xmake and Nix, build scripts and lock files of Python projects.
 */

export interface PinnedLibtorch {
  readonly version: string
  /** `cu128` or `cpu`, as PyTorch names its builds. */
  readonly build: string
  readonly url: string
  /** Lower-case hexadecimal; null where none has been found: such a file is not fetched. */
  readonly sha256: string | null
  /** The folder in the archive that holds `lib` and `include`. */
  readonly inner: 'libtorch' | 'torch'
}

export const libtorchVersion = '2.9.1'

const place = 'https://download.pytorch.org'
const version = libtorchVersion

/** For owners of a GPU: fetched on request. CUDA 12.8 knows GPUs up to Blackwell. */
const accelerated: Readonly<Record<string, PinnedLibtorch>> = {
  'linux-x64': {
    ...{ version, build: 'cu128', inner: 'libtorch' },
    url: `${place}/libtorch/cu128/libtorch-shared-with-deps-${version}%2Bcu128.zip`,
    sha256: 'b052452965093db69f537b3cf376812d5acf6dca28819b20d28d7f0b171d7699',
  },
  'win32-x64': {
    ...{ version, build: 'cu128', inner: 'libtorch' },
    url: `${place}/libtorch/cu128/libtorch-win-shared-with-deps-${version}%2Bcu128.zip`,
    sha256: 'e4688a0e16afcca9753743a977c4038179fa7d1583514333a68ab972d267e1db',
  },
}

/** For processors: what packages bundle. */
const plain: Readonly<Record<string, PinnedLibtorch>> = {
  'linux-x64': {
    ...{ version, build: 'cpu', inner: 'torch' },
    url: `${place}/whl/cpu/torch-${version}%2Bcpu-cp312-cp312-manylinux_2_28_x86_64.whl`,
    sha256: '7417d8c565f219d3455654cb431c6d892a3eb40246055e14d645422de13b9ea1',
  },
  'linux-arm64': {
    ...{ version, build: 'cpu', inner: 'torch' },
    url: `${place}/whl/cpu/torch-${version}%2Bcpu-cp312-cp312-manylinux_2_28_aarch64.whl`,
    sha256: '3bf9b442a51a2948e41216a76d7ab00f0694cfcaaa51b6f9bcab57b7f89843e6',
  },
  'darwin-arm64': {
    ...{ version, build: 'cpu', inner: 'libtorch' },
    url: `${place}/libtorch/cpu/libtorch-macos-arm64-${version}.zip`,
    sha256: 'c469e516b5d970eeda294aabd1f16d9a0368931c3eed30263746f7fba7cd9b96',
  },
  'win32-x64': {
    ...{ version, build: 'cpu', inner: 'libtorch' },
    url: `${place}/libtorch/cpu/libtorch-win-shared-with-deps-${version}%2Bcpu.zip`,
    sha256: null,
  },
}

/** What a GPU owner can fetch for a system, or null where there is none, as on macOS. */
export function pinnedForGpu(platform: string, arch: string): PinnedLibtorch | null {
  return accelerated[`${platform}-${arch}`] ?? null
}

/** What a package for a system bundles. */
export function pinnedForCpu(platform: string, arch: string): PinnedLibtorch | null {
  return plain[`${platform}-${arch}`] ?? null
}
