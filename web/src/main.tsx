import { effect } from '@preact/signals'
import { render } from 'preact'
import '../style/tokens.css'
import '../style/base.css'
import '../style/shell.css'
import '../style/floor.css'
import '../style/calls.css'
import '../style/panel.css'
import '../style/dock.css'
import { App, chooseFirstPage } from './app.tsx'
import { live } from './app-life.ts'
import { resume, session } from './store/session.ts'

const root = document.getElementById('app')
if (root !== null) render(<App />, root)
live()
effect(() => {
  if (session.value) chooseFirstPage()
})
void resume()
