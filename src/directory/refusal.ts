/** The refusals of the catalogue (call/refusal.ts) that the directory itself can raise; the same shape, so that they pass on as they are. */
export interface DirectoryRefusal {
  readonly code:
    | 'endpoint-unknown'
    | 'endpoint-unavailable'
    | 'number-invalid'
    | 'destination-not-allowed'
    | 'resource-unknown'
    | 'supervision-not-allowed'
    | 'mode-not-allowed'
  readonly name?: string
  readonly why?: string
}
