/** Draws many points: by WebGL2 where there is one, else on a plain canvas. */
import type { MapView, ScreenSize } from './mapView.ts'

export interface MapPainter {
  readonly kind: 'webgl' | 'canvas'
  /** @param positions x and y of each. @param colors red, green, blue, alpha of each, 0 to 255 */
  set(positions: Float32Array, colors: Uint8Array): void
  draw(view: MapView, size: ScreenSize, pixelRatio: number, pointPx: number): void
  dispose(): void
}

const vertexShader = `#version 300 es
in vec2 position;
in vec4 color;
uniform vec2 middle;
uniform vec2 scale;
uniform float pointSize;
out vec4 shade;
void main() {
  gl_Position = vec4((position - middle) * scale, 0.0, 1.0);
  gl_PointSize = pointSize;
  shade = vec4(color.rgb * color.a, color.a);
}`

const fragmentShader = `#version 300 es
precision mediump float;
in vec4 shade;
out vec4 result;
void main() {
  vec2 off = gl_PointCoord - 0.5;
  float edge = 1.0 - smoothstep(0.4, 0.5, length(off));
  if (edge <= 0.0) discard;
  result = shade * edge;
}`

export function createPainter(canvas: HTMLCanvasElement): MapPainter {
  const gl = canvas.getContext('webgl2', { alpha: true, antialias: false, powerPreference: 'low-power' })
  return (gl && webglPainter(canvas, gl)) ?? canvasPainter(canvas)
}

function webglPainter(canvas: HTMLCanvasElement, gl: WebGL2RenderingContext): MapPainter | null {
  const program = linked(gl)
  if (program === null) return null
  const [positionBuffer, colorBuffer] = [gl.createBuffer(), gl.createBuffer()]
  const array = gl.createVertexArray()
  gl.bindVertexArray(array)
  attribute(gl, program, positionBuffer, 'position', 2, gl.FLOAT, false)
  attribute(gl, program, colorBuffer, 'color', 4, gl.UNSIGNED_BYTE, true)
  const place = (name: string): WebGLUniformLocation | null => gl.getUniformLocation(program, name)
  const [middle, scale, pointSize] = [place('middle'), place('scale'), place('pointSize')]
  gl.useProgram(program)
  gl.enable(gl.BLEND)
  gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA)
  let [count, lastPositions] = [0, null as Float32Array | null]
  return {
    kind: 'webgl',
    set(positions, colors) {
      count = positions.length / 2
      if (positions !== lastPositions) {
        gl.bindBuffer(gl.ARRAY_BUFFER, positionBuffer)
        gl.bufferData(gl.ARRAY_BUFFER, positions, gl.STATIC_DRAW)
        lastPositions = positions
      }
      gl.bindBuffer(gl.ARRAY_BUFFER, colorBuffer)
      gl.bufferData(gl.ARRAY_BUFFER, colors, gl.DYNAMIC_DRAW)
    },
    draw(view, size, pixelRatio, pointPx) {
      resize(canvas, size, pixelRatio)
      gl.viewport(0, 0, canvas.width, canvas.height)
      gl.clearColor(0, 0, 0, 0)
      gl.clear(gl.COLOR_BUFFER_BIT)
      gl.uniform2f(middle, view.x, view.y)
      gl.uniform2f(scale, (2 * view.scale) / size.width, (2 * view.scale) / size.height)
      gl.uniform1f(pointSize, pointPx * pixelRatio)
      gl.drawArrays(gl.POINTS, 0, count)
    },
    dispose() {
      gl.deleteBuffer(positionBuffer)
      gl.deleteBuffer(colorBuffer)
      gl.deleteVertexArray(array)
      gl.deleteProgram(program)
    },
  }
}

function linked(gl: WebGL2RenderingContext): WebGLProgram | null {
  const program = gl.createProgram()
  for (const [kind, source] of [
    [gl.VERTEX_SHADER, vertexShader],
    [gl.FRAGMENT_SHADER, fragmentShader],
  ] as const) {
    const shader = gl.createShader(kind)
    if (!shader) return null
    gl.shaderSource(shader, source)
    gl.compileShader(shader)
    gl.attachShader(program, shader)
  }
  gl.linkProgram(program)
  return gl.getProgramParameter(program, gl.LINK_STATUS) ? program : null
}

function attribute(
  gl: WebGL2RenderingContext,
  program: WebGLProgram,
  buffer: WebGLBuffer,
  name: string,
  size: number,
  type: number,
  isNormalised: boolean,
): void {
  const location = gl.getAttribLocation(program, name)
  gl.bindBuffer(gl.ARRAY_BUFFER, buffer)
  gl.enableVertexAttribArray(location)
  gl.vertexAttribPointer(location, size, type, isNormalised, 0, 0)
}

/** From this opacity on points cover what is below, as mixing takes longer than all the rest. */
const covering = 180

/** Pixels are written directly: a hundred thousand calls of the canvas would take longer than a frame. */
function canvasPainter(canvas: HTMLCanvasElement): MapPainter {
  const context = canvas.getContext('2d')
  let positions: Float32Array = new Float32Array(0)
  let colors: Uint8Array = new Uint8Array(0)
  let image: ImageData | null = null
  return {
    kind: 'canvas',
    set(nextPositions, nextColors) {
      positions = nextPositions
      colors = nextColors
    },
    draw(view, size, pixelRatio, pointPx) {
      if (!context) return
      resize(canvas, size, pixelRatio)
      const { width, height } = canvas
      if (image?.width !== width || image.height !== height) image = context.createImageData(width, height)
      else image.data.fill(0)
      const side = Math.max(1, Math.round(pointPx * pixelRatio * 0.8))
      const scale = view.scale * pixelRatio
      const left = width / 2 - view.x * scale - side / 2
      const top = height / 2 + view.y * scale - side / 2
      for (let at = 0; at * 2 < positions.length; at++) {
        const alpha = colors[at * 4 + 3]!
        if (alpha === 0) continue
        const x = Math.round(left + positions[at * 2]! * scale)
        const y = Math.round(top - positions[at * 2 + 1]! * scale)
        if (x > width || y > height || x + side < 0 || y + side < 0) continue
        for (let row = Math.max(0, y); row < Math.min(height, y + side); row++)
          for (let column = Math.max(0, x); column < Math.min(width, x + side); column++)
            put(image.data, (row * width + column) * 4, colors, at * 4, alpha)
      }
      context.putImageData(image, 0, 0)
    },
    dispose: () => {},
  }
}

function put(pixels: Uint8ClampedArray, at: number, colors: Uint8Array, from: number, alpha: number): void {
  if (alpha >= covering || pixels[at + 3] === 0) {
    pixels[at] = colors[from]!
    pixels[at + 1] = colors[from + 1]!
    pixels[at + 2] = colors[from + 2]!
    pixels[at + 3] = alpha
    return
  }
  const below = (pixels[at + 3]! / 255) * (1 - alpha / 255)
  const whole = alpha / 255 + below
  for (let c = 0; c < 3; c++)
    pixels[at + c] = (colors[from + c]! * (alpha / 255) + pixels[at + c]! * below) / whole
  pixels[at + 3] = whole * 255
}

function resize(canvas: HTMLCanvasElement, { width, height }: ScreenSize, pixelRatio: number): void {
  const [w, h] = [Math.round(width * pixelRatio), Math.round(height * pixelRatio)]
  if (canvas.width !== w || canvas.height !== h) Object.assign(canvas, { width: w, height: h })
}
