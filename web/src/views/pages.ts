/**
 * The pages beside the floor. To hang one: its file exports a component as `default`, and stands here by its name in the address
 * (`#/history`); its title is `nav.<name>` in the strings. It is loaded when it is first looked at.
 */
import type { ComponentType } from 'preact'
import type { Session } from '../api/types.ts'

export const pageNames = ['floor', 'history', 'agent'] as const
export type PageName = (typeof pageNames)[number]

export const pages: Readonly<Record<Exclude<PageName, 'floor'>, () => Promise<{ readonly default: ComponentType }>>> = {
  history: () => import('./history.tsx'),
  agent: () => import('./agent.tsx'),
}

/** What an agent sees first is his own page. */
export const firstPage = (role: Session['role']): PageName => (role === 'agent' ? 'agent' : 'floor')
