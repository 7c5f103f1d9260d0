export { default } from './agent/page.tsx'
