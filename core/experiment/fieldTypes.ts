/** How fields of the configuration are written: their type, range, default and words in one call. */
import { z } from 'zod'

export function section<Shape extends z.ZodRawShape>(
  title: string,
  description: string,
  shape: Shape,
): z.ZodPrefault<z.ZodObject<Shape, z.core.$strict>> {
  const object = z.strictObject(shape)
  return object.prefault({} as z.input<typeof object>).meta({ title, description })
}

export function integer(
  min: number,
  max: number,
  fallback: number,
  title: string,
  description: string,
  unit?: string,
): z.ZodDefault<z.ZodInt> {
  return z
    .int()
    .min(min)
    .max(max)
    .default(fallback)
    .meta(unit === undefined ? { title, description } : { title, description, unit })
}

export function real(
  min: number,
  max: number,
  fallback: number,
  title: string,
  description: string,
): z.ZodDefault<z.ZodNumber> {
  return z.number().min(min).max(max).default(fallback).meta({ title, description })
}

export function flag(fallback: boolean, title: string, description: string): z.ZodDefault<z.ZodBoolean> {
  return z.boolean().default(fallback).meta({ title, description })
}

/** One of some names. */
export function oneOf<const Names extends readonly [string, ...string[]]>(
  names: Names,
  fallback: Names[number],
  title: string,
  description: string,
): z.ZodDefault<z.ZodType<Names[number], Names[number]>> {
  const schema: z.ZodType<Names[number], Names[number]> = z.enum(names) as never
  return schema.default(fallback as never).meta({ title, description }) as never
}

/** A field whose value counts only while the field beside it has none of the values `not`; forms hide it otherwise. */
export function unless<Schema extends z.ZodType>(
  field: string,
  not: readonly unknown[],
  schema: Schema,
): Schema {
  return schema.meta({ when: { field, not } })
}

/** Patterns of parameter names. */
export function patterns(title: string, description: string): z.ZodDefault<z.ZodArray<z.ZodString>> {
  return z.array(z.string().min(1).max(200)).max(200).default([]).meta({ title, description })
}
