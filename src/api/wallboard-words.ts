/** The built wallboard, as this API needs it: an interface here, files in edge/wallboard-files.ts. */

export interface WallboardFile {
  readonly type: string
  /** Without quotes. */
  readonly etag: string
  readonly identity: Buffer
  readonly br?: Buffer
  readonly gzip?: Buffer
}

export interface Wallboard {
  state(): 'built' | 'building' | 'absent'
  /** By its path, without a slash at the front. */
  file(path: string): WallboardFile | undefined
}
