"""All hand-typed tables, by spec file."""

import pins_apimaster
import pins_maxapi
import pins_presets
import pins_threedaistudio
import pins_xairouter
from pins import Pin

PROVIDERS = ("maxapi", "apimaster", "xairouter", "threedaistudio")
PINS: dict[str, Pin] = {
    **pins_presets.PINS,
    **pins_maxapi.PINS,
    **pins_apimaster.PINS,
    **pins_xairouter.PINS,
    **pins_threedaistudio.PINS,
}
