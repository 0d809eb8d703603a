package writetest

import _ "aegis/internal/gatetest/overhttp" // where its variable says so
