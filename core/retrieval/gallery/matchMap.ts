/**
 * Which regions of two images make their score. The cosine of two pooled features is linear in each of them, and a pooled feature is a
 * sum over places: by homogeneity x^p·ȳ^(1−p)/n is what a place adds to a channel's generalised mean ȳ. So each place has a share in the
 * score, and the shares of either image add up to it, exactly for the mean, GeM and the maximum (whose ties share). Values below GeM's
 * floor of 1e-6 have no share. With whitening, what is subtracted as the mean of the gallery belongs to no place: `rest`.
 *
 * @source Stylianou, Souvenir and Pless 2019, Visualizing Deep Similarity Networks (mean and maximum); carried over to the generalised
 * mean of Radenović et al. 2018 by Euler's theorem on homogeneous functions.
 */
import { sharesOf, type Pooling } from '../../evaluation/activationMap.ts'
import type { Principal } from '../whitening/principal.ts'
import { rotatedRow } from './principalFile.ts'

export interface PooledMap {
  readonly height: number
  readonly width: number
  /** [height · width, channels] */
  readonly values: Float32Array
  readonly pooling: Pooling
  /** [channels] */
  readonly embedding: Float32Array
}

export interface MatchSide {
  readonly height: number
  readonly width: number
  /** Of each place in the score, row-major; negative ones speak against the match. */
  readonly shares: Float32Array
  /** Part of the score that belongs to no place. */
  readonly rest: number
}

/** A whitening: components, and what each is multiplied with, squared. */
export interface Whitener {
  readonly principal: Principal
  readonly squared: Float32Array
}

export interface Match {
  readonly score: number
  readonly query: MatchSide
  readonly hit: MatchSide
}

export function matchOf(query: PooledMap, hit: PooledMap, whitener: Whitener | null): Match {
  const q = projected(query.embedding, whitener)
  const h = projected(hit.embedding, whitener)
  const norm = q.length * h.length || 1
  const score = dot(q.scaled, h.rotated) / norm
  return {
    score,
    query: side(query, q, h.scaled, norm, whitener),
    hit: side(hit, h, q.scaled, norm, whitener),
  }
}

/**
 * What the places of the hit have to do with one place of the query: their shares in the place's share.
 * @param place row-major in the query's map
 */
export function partnersOf(
  query: PooledMap,
  hit: PooledMap,
  whitener: Whitener | null,
  place: number,
): Float32Array {
  const q = projected(query.embedding, whitener)
  const h = projected(hit.embedding, whitener)
  const channels = query.embedding.length
  // What the place adds to each channel of the query's feature of unit length.
  const own = Float32Array.from({ length: channels }, (_, c) => ofPlace(query, c, place) / q.unit)
  const scaled = whitener ? turned(whitener, own) : own
  const weights = back(scaled, whitener).map(value => value / (h.unit * (q.length * h.length || 1)))
  return sharesOf(hit.values, hit.height * hit.width, weights, hit.pooling)
}

interface Projected {
  /** ‖e‖, by which ê = e/‖e‖. */
  readonly unit: number
  /** ê, or its components. */
  readonly rotated: Float32Array
  /** The same times the squared factors. */
  readonly scaled: Float32Array
  /** Length of the projected feature. */
  readonly length: number
}

function projected(embedding: Float32Array, whitener: Whitener | null): Projected {
  const unit = Math.sqrt(dot(embedding, embedding)) || 1
  const ê = embedding.map(value => value / unit)
  const rotated = whitener ? rotatedRow(whitener.principal, ê) : ê
  const scaled = whitener ? rotated.map((value, j) => value * whitener.squared[j]!) : rotated
  return { unit, rotated, scaled, length: Math.sqrt(dot(rotated, scaled)) }
}

function side(
  { values, height, width, pooling }: PooledMap,
  own: Projected,
  other: Float32Array,
  norm: number,
  whitener: Whitener | null,
): MatchSide {
  const direction = back(other, whitener)
  const weights = direction.map(value => value / (own.unit * norm))
  const shares = sharesOf(values, height * width, weights, pooling)
  const rest = whitener ? -dot(direction, whitener.principal.mean) / norm : 0
  return { height, width, shares, rest }
}

/** From components back to channels: Vᵀ·y. */
function back(y: Float32Array, whitener: Whitener | null): Float32Array {
  if (!whitener) return y
  const width = y.length
  const out = new Float64Array(width)
  for (let j = 0; j < width; j++) {
    if (y[j] === 0) continue
    for (let c = 0, at = j * width; c < width; c++, at++)
      out[c]! += whitener.principal.components[at]! * y[j]!
  }
  return Float32Array.from(out)
}

/** A difference of features along the components, scaled: the mean falls out. */
function turned({ principal, squared }: Whitener, feature: Float32Array): Float32Array {
  const mean = new Float64Array(feature.length)
  return rotatedRow({ ...principal, mean }, feature).map((value, j) => value * squared[j]!)
}

function ofPlace({ values, height, width, embedding, pooling }: PooledMap, c: number, place: number): number {
  const channels = embedding.length
  const column = Float32Array.from({ length: height * width }, (_, at) => values[at * channels + c]!)
  return sharesOf(column, height * width, Float32Array.of(1), pooling)[place]!
}

function dot(one: ArrayLike<number>, other: ArrayLike<number>): number {
  let sum = 0
  for (let at = 0; at < one.length; at++) sum += one[at]! * other[at]!
  return sum
}
