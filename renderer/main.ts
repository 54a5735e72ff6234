/** Start of the page: link, stores, address, shortcuts, then the interface. */
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import { tellPace } from './composables/paced.ts'
import { listenForShortcuts } from './composables/useShortcuts.ts'
import { bridgeLink, webLink } from './link.ts'
import { followAddress, go } from './route.ts'
import { useConnectionStore } from './stores/connection.ts'
import { useRunsStore } from './stores/runs.ts'
import { startStores } from './stores/start.ts'
import './styles/index.css'
import { connectWorkbench } from './workbench.ts'

const link = window.workbench ? bridgeLink(window.workbench) : webLink(window.location.origin)
connectWorkbench(link)
const app = createApp(App)
app.use(createPinia())
useConnectionStore().follow(link)
followAddress()
listenForShortcuts(window)
tellPace(link.attend, window)
app.mount('#app')
void startStores().then(() => {
  // A workbench that has nothing to show yet opens where one begins.
  if (window.location.hash === '' && useRunsStore().list.length === 0) go({ page: 'start' })
})
