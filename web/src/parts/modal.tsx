import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { t } from '../strings/index.ts'
import { Icon } from './icon.tsx'

interface Properties {
  readonly title: string
  readonly class?: string
  readonly onClose: () => void
  readonly children: ComponentChildren
}

/** The browser's own dialog: it keeps the focus inside, closes by Esc, and gives the focus back. */
export function Modal({ title, onClose, children, class: extra = '' }: Properties) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const before = document.activeElement
    dialog.current?.showModal()
    return () => {
      if (before instanceof HTMLElement) before.focus()
    }
  }, [])
  return (
    <dialog
      ref={dialog}
      class={`modal ${extra}`}
      aria-label={title}
      onClose={onClose}
      onClick={(event) => event.target === dialog.current && onClose()}
    >
      <div class="modal-body">
        <header>
          <h2>{title}</h2>
          <button type="button" class="quiet icon-only" aria-label={t('act.close')} onClick={onClose}>
            <Icon name="leave" />
          </button>
        </header>
        {children}
      </div>
    </dialog>
  )
}
