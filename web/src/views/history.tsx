export { default } from './history/page.tsx'
