"""What is worn and held, what stands about and casts shadows."""

from facegen.annotate.columns import BOOL, NUM, STR, Column

WEAR = {
    "eyewear": Column(STR, "", "", "", "kind of glasses, 'none' when absent"),
    "eyewear_finish": Column(
        STR,
        "",
        "",
        "none, plain, tortoise, faded, metal",
        "material of the frame; plain and faded are acetate of one colour; 'none' without glasses",
    ),
    "sunglasses": Column(BOOL, "", "", "", "glasses whose lenses hide the eyes"),
    "lens_opacity": Column(NUM, "", "", "0..1", "light that the lenses hold back; 0 without glasses"),
    "lens_power_dpt": Column(NUM, "dpt", "", "-12..10", "refraction of the lenses; 0 without glasses"),
    "lens_coating": Column(STR, "", "", "none, green, blue, purple, mirror", "tint of what the lenses reflect"),
    "mask": Column(STR, "", "", "", "kind of face mask, 'none' when absent; a veil or a balaclava is no mask (see headwear)"),
    "mask_position": Column(STR, "", "", "none, worn, under_nose, chin", "how it is worn"),
    "headwear": Column(
        STR, "", "", "", "'none' when absent; niqab and most balaclavas cover nose and mouth, a niqab's veil in region facewear"
    ),
    "scarf": Column(STR, "", "", "", "'none' when absent"),
    "scarf_position": Column(STR, "", "", "none, neck, mouth", "`mouth`: drawn up to the nose"),
    "hand": Column(STR, "", "", "", "gesture of a hand before the face, or the way it holds something; 'none' when absent"),
    "phone": Column(STR, "", "", "none, call, mirror", "at the ear, or held up before or beside the face"),
    "microphone": Column(STR, "", "", "none, microphone", "hand-held, at the mouth"),
    "cup": Column(STR, "", "", "none, cup, glass", "at the mouth"),
    "paper": Column(STR, "", "", "none, sheet, book", "held up before the lower face, its hands below the picture"),
    "hair_veil": Column(
        STR, "", "", "none, veil", "a lock across an eye; only people with hair for it have one, and no headwear"
    ),
    "second_head": Column(
        STR, "", "", "none, left, right", "somebody else behind, at this side of the picture; unlabelled background"
    ),
    "cast_shadow": Column(
        STR,
        "",
        "",
        "none, blinds, leaves, brim, hand, pole",
        "unseen thing in the strongest light; 'none' where no light shows it",
    ),
    "cast_shadow_fraction": Column(
        NUM, "", "", "0..1", "share of the face that the strongest key would reach, but for that thing"
    ),
    "rain": Column(STR, "", "", "none, drops", "drops on the lens"),
    "rain_strength": Column(NUM, "", "", "0..1", "how many and how large"),
    "garment": Column(STR, "", "", "", "kind, of those in assets/wear/kinds.json; always worn"),
}
