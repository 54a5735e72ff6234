/** Galleries that are searched again and again: embedded once, kept on disk, and kept in memory while someone looks. */
export { embedGallery } from './embedGallery.ts'
export {
  galleryFolder,
  openKept,
  powerFolder,
  readFacts,
  touch,
  type GalleryFacts,
  type Power,
} from './files.ts'
export { hasOwnQueries, judgeGallery, truthOf, type JudgedQuery, type Judgement } from './judgeGallery.ts'
export { keptGallery, type KeptGallery } from './keptGalleries.ts'
export { matchOf, partnersOf, type MatchSide, type PooledMap, type Whitener } from './matchMap.ts'
export { principalPlane, umapPlane } from './plane.ts'
export { hasPrincipal, openRotated, readPrincipal, rotatedRow, writePrincipal } from './principalFile.ts'
export { rankedPage, type Mark, type RankedPage } from './rankedPage.ts'
export { seeImage, type SeenImage } from './seeImage.ts'
export { mostComponents, scaledRows, squaredFactors, type WhiteningChoice } from './whiteningChoice.ts'
