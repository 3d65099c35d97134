"""Things worn: eyewear, masks, headwear, garments and scarves as geometry fitted to the posed head."""

from facegen.wear.worn import worn_surfaces

__all__ = ["worn_surfaces"]
