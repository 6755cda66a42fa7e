//! How colours look to different eyes; the measure by which themes are tested.

/// Whose eyes. The dichromacies are the severest form of the two common deficiencies (about 8 % of men) and of the rare third.
#[derive(Clone, Copy, Debug)]
pub(super) enum Sight {
    Full,
    Protan,
    Deutan,
    Tritan,
}

impl Sight {
    pub(super) const ALL: [Self; 4] = [Self::Full, Self::Protan, Self::Deutan, Self::Tritan];

    /// Severity 1.0 of Machado, Oliveira and Fernandes, "A physiologically-based model for simulation of color vision
    /// deficiency" (2009), table 1; applied to linear RGB.
    fn matrix(self) -> [[f64; 3]; 3] {
        match self {
            Self::Full => [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
            Self::Protan => {
                [[0.152_286, 1.052_583, -0.204_868], [0.114_503, 0.786_281, 0.099_216], [-0.003_882, -0.048_116, 1.051_998]]
            }
            Self::Deutan => {
                [[0.367_322, 0.860_646, -0.227_968], [0.280_085, 0.672_501, 0.047_413], [-0.011_820, 0.042_940, 0.968_881]]
            }
            Self::Tritan => {
                [[1.255_528, -0.076_749, -0.178_779], [-0.078_411, 0.930_809, 0.147_602], [0.004_733, 0.691_367, 0.303_900]]
            }
        }
    }
}

/// IEC 61966-2-1.
fn linear(colour: [u8; 3]) -> [f64; 3] {
    colour.map(|part| {
        let part = f64::from(part) / 255.0;
        if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    })
}

fn product(matrix: [[f64; 3]; 3], vector: [f64; 3]) -> [f64; 3] {
    matrix.map(|row| row.into_iter().zip(vector).map(|(a, b)| a * b).sum())
}

/// WCAG 2.2 contrast ratio, 1 to 21.
pub(super) fn contrast(a: [u8; 3], b: [u8; 3]) -> f64 {
    let luminance = |colour| {
        let [r, g, b] = linear(colour);
        0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05
    };
    let (a, b): (f64, f64) = (luminance(a), luminance(b));
    a.max(b) / a.min(b)
}

/// CIELAB ΔE*ab (CIE 1976) under D65 as these eyes see it. About 2.3 is just noticeable side by side; 20 is a different
/// colour at a glance and apart on the screen, which is what a status needs.
pub(super) fn difference(a: [u8; 3], b: [u8; 3], sight: Sight) -> f64 {
    let seen = |colour| lab(product(sight.matrix(), linear(colour)).map(|part| part.clamp(0.0, 1.0)));
    seen(a).into_iter().zip(seen(b)).map(|(a, b): (f64, f64)| (a - b).powi(2)).sum::<f64>().sqrt()
}

fn lab(linear: [f64; 3]) -> [f64; 3] {
    let to_xyz = [[0.412_456, 0.357_576, 0.180_438], [0.212_673, 0.715_152, 0.072_175], [0.019_334, 0.119_192, 0.950_304]];
    let white = [0.950_47, 1.0, 1.088_83];
    let [x, y, z] = product(to_xyz, linear);
    let curve = |part: f64| if part > 0.008_856 { part.cbrt() } else { 7.787 * part + 16.0 / 116.0 };
    let [x, y, z] = [curve(x / white[0]), curve(y / white[1]), curve(z / white[2])];
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

#[test]
fn the_measures_agree_with_known_values() {
    assert!((contrast([0, 0, 0], [255, 255, 255]) - 21.0).abs() < 0.01);
    assert!((difference([0, 0, 0], [255, 255, 255], Sight::Full) - 100.0).abs() < 0.1);
    // The pair this program never uses: told apart by full sight only.
    let (red, green) = ([204, 68, 44], [122, 118, 20]);
    assert!(difference(red, green, Sight::Full) > 40.0);
    assert!(difference(red, green, Sight::Deutan) < 20.0, "{}", difference(red, green, Sight::Deutan));
}
