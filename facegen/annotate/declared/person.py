"""Who is in the picture, and what the skin of the picture measures."""

from facegen.annotate.columns import BOOL, DOUBLES, INT, NUM, STR, Column

ANCESTRIES = ("african", "east_asian", "south_asian", "european", "west_asian", "southeast_asian", "latin_american", "mixed")
"""Order of `ancestry_weights`."""

PERSON = {
    "schema_version": Column(
        INT,
        "",
        "",
        "4",
        "version of this table; 1 knew no lens, no channel, nothing held; 2 no vectors, no action units, no contour; 3 no "
        "counterfactuals",
    ),
    "image_id": Column(
        STR, "", "", "", "identity_id and the number of the shot; of a counterfactual, the base's, `__` and what was changed"
    ),
    "identity_id": Column(STR, "", "", "", "one invented person"),
    "sitting_id": Column(STR, "", "", "", "that person at one age, hair and weight"),
    "base_id": Column(STR, "", "", "", "image that this one is a counterfactual of; null for every other"),
    "factor": Column(STR, "", "", "", "the one thing that was changed of it (docs/counterfactuals.md); null for every other"),
    "factor_value": Column(STR, "", "", "", "what it was changed to; null for every other"),
    "mediated": Column(
        STR, "", "", "frozen, live", "whether exposure and processing are the base's or the camera's own; null for every other"
    ),
    "file": Column(STR, "", "", "", "photograph, relative to the dataset", late=True),
    "sha256": Column(STR, "", "", "hex", "of the photograph's file", late=True),
    "split": Column(STR, "", "", "", "train, val or test; an identity is in one only", late=True),
    "size_px": Column(INT, "px", "", "32..2048", "width and height"),
    "sex": Column(STR, "", "", "female, male", "class of the head model's sex axis"),
    "sex_value": Column(NUM, "", "", "0..1", "that axis: 0 female, 1 male"),
    "age_years": Column(NUM, "years", "", "4..100", "age at the sitting"),
    "age_band": Column(STR, "", "", "", "band of the spec that holds age_years"),
    "ancestry": Column(STR, "", "", "", "appearance preset of the head model; not an ethnicity"),
    "ancestry_weights": Column(
        DOUBLES, "", "", "8, each 0..1, sum 1", "the mixture of presets that the head is made of: " + ", ".join(ANCESTRIES)
    ),
    "body_fat": Column(NUM, "", "", "0..1", "0.5 is average for the sex"),
    "tan": Column(NUM, "", "", "0..1", "of the sitting: darkens the skin beside skin_L"),
    "skin_monk": Column(INT, "", "", "1..10", "albedo anchor that was asked for, light to dark"),
    "skin_L": Column(NUM, "L*", "CIELAB D65", "0..100", "intrinsic: albedo of the skin"),
    "skin_a": Column(NUM, "a*", "CIELAB D65", "", "intrinsic"),
    "skin_b": Column(NUM, "b*", "CIELAB D65", "", "intrinsic"),
    "skin_hue_deg": Column(
        NUM, "deg", "CIELAB D65", "-180..180", "intrinsic hue angle, atan2(b*, a*): towards 0 redder, towards 90 yellower"
    ),
    "skin_ita_deg": Column(
        NUM, "deg", "CIELAB D65", "-90..90", "intrinsic individual typology angle, atan((L* - 50) / b*); no class is made of it"
    ),
    "skin_swatch": Column(INT, "", "", "1..10", "Monk swatch nearest to the intrinsic colour (CIEDE2000)"),
    "skin_swatch_distance": Column(NUM, "CIEDE2000", "", ">= 0", "its distance"),
    "apparent_L": Column(
        NUM, "L*", "CIELAB D65", "0..100", "apparent: median over the skin of the picture; null where none shows"
    ),
    "apparent_a": Column(NUM, "a*", "CIELAB D65", "", "apparent"),
    "apparent_b": Column(NUM, "b*", "CIELAB D65", "", "apparent"),
    "apparent_hue_deg": Column(NUM, "deg", "CIELAB D65", "-180..180", "apparent hue angle"),
    "apparent_ita_deg": Column(NUM, "deg", "CIELAB D65", "-90..90", "apparent individual typology angle"),
    "apparent_swatch": Column(INT, "", "", "1..10", "Monk swatch nearest to the apparent colour"),
    "apparent_swatch_distance": Column(NUM, "CIEDE2000", "", ">= 0", "its distance"),
    "freckles": Column(NUM, "", "", "0..1", "amount; other marks are in sample"),
    "moles": Column(INT, "", "", "0..60", "count"),
    "iris_color": Column(STR, "", "", "", "iris colour class"),
    "iris_L": Column(NUM, "L*", "CIELAB D65", "0..100", "of the iris between collarette and limbus"),
    "iris_a": Column(NUM, "a*", "CIELAB D65", "", "of the same"),
    "iris_b": Column(NUM, "b*", "CIELAB D65", "", "of the same"),
    "hair_color": Column(STR, "", "", "", "natural hair colour class"),
    "hair_L": Column(
        NUM,
        "L*",
        "CIELAB D65",
        "0..100",
        "reflectance of the strands, dyed where they are, without the grey ones; infrared and light aside",
    ),
    "hair_a": Column(NUM, "a*", "CIELAB D65", "", "of the same"),
    "hair_b": Column(NUM, "b*", "CIELAB D65", "", "of the same"),
    "hair_dyed": Column(BOOL, "", "", "", "hair of the sitting is dyed; hair_color stays the natural one"),
    "hair_curl": Column(STR, "", "", "straight, wavy, curly, coily", "natural curl"),
    "hair_style": Column(STR, "", "", "", "head hair of the sitting; a cap or hijab may hide it"),
    "hair_grey": Column(NUM, "", "", "0..1", "share of grey strands"),
    "hairline": Column(STR, "", "", "rounded, straight, widows_peak, receded", "shape of the front hairline"),
    "hair_recession": Column(NUM, "", "", "0..1", "how far the temples have receded"),
    "hair_thinning": Column(NUM, "", "", "0..1", "how thin the crown is"),
    "brow_thickness": Column(NUM, "", "", "0..1", "0.5 is average"),
    "brow_density": Column(NUM, "", "", "0..1", "0.5 is average"),
    "brow_arch": Column(NUM, "", "", "0..1", "0 straight, 1 high"),
    "brow_joined": Column(NUM, "", "", "0..1", "hair between the brows"),
    "beard": Column(STR, "", "", "none, shadow, stubble, moustache, goatee, full", "facial hair of the sitting"),
    "beard_density": Column(NUM, "", "", "0..1", "0 without a beard"),
    "beard_length": Column(NUM, "", "", "0..1", "within its style; 0 without a beard"),
    "beard_grey": Column(NUM, "", "", "0..1", "share of grey strands; 0 without a beard"),
    "makeup": Column(BOOL, "", "", "", "any make-up stronger than 0.1"),
    "makeup_look": Column(
        STR, "", "", "none, natural, full, evening, kohl", "look of the sitting; '' where the sample names none"
    ),
    "lipstick": Column(NUM, "", "", "0..1", "cover of lipstick; its colour and finish are in sample"),
    "eye_shadow": Column(NUM, "", "", "0..1", "cover of eye shadow"),
    "eye_liner": Column(NUM, "", "", "0..1", "the stronger of the lines along upper and lower lid"),
    "blush": Column(NUM, "", "", "0..1", "cover of blush"),
    "foundation": Column(NUM, "", "", "0..1", "cover of foundation"),
    "mascara": Column(NUM, "", "", "0..1", "cover of mascara"),
    "brow_powder": Column(NUM, "", "", "0..1", "powder in the brows"),
}
