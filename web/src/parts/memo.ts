import type { FunctionComponent } from 'preact'
import { Component, createElement } from 'preact'

/** Drawn again only when a property changed; signals that it reads draw it by themselves. */
export function memo<P extends object>(Drawn: FunctionComponent<P>): FunctionComponent<P> {
  class Memo extends Component<P> {
    override shouldComponentUpdate(next: Readonly<P>): boolean {
      const [a, b] = [this.props as Record<string, unknown>, next as Record<string, unknown>]
      return Object.keys(b).some((key) => a[key] !== b[key])
    }

    override render() {
      return createElement(Drawn, this.props as P)
    }
  }
  return Memo as unknown as FunctionComponent<P>
}
