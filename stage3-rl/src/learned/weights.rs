//! Weights as a file: safetensors, in single precision.

use super::features::COUNT;
use super::network::{HIDDEN, Layer, Network};
use safetensors::tensor::{Dtype, SafeTensors};
use std::collections::BTreeMap;

/// Every tensor, with its shape: inputs × outputs.
pub(crate) const SHAPES: [(&str, [usize; 2]); 11] = [
    ("each.weight", [COUNT, HIDDEN]),
    ("each.bias", [1, HIDDEN]),
    ("own.weight", [HIDDEN, HIDDEN]),
    ("own.bias", [1, HIDDEN]),
    ("mean.weight", [HIDDEN, HIDDEN]),
    ("score.weight", [HIDDEN, 1]),
    ("score.bias", [1, 1]),
    ("state.weight", [HIDDEN, HIDDEN]),
    ("state.bias", [1, HIDDEN]),
    ("value.weight", [HIDDEN, 1]),
    ("value.bias", [1, 1]),
];
/// More than this is not read.
const MOST_BYTES: usize = 300 * 1024;

/// Weights by name, each as the rows of its tensor, one after the other.
pub(crate) type Named = BTreeMap<String, Vec<f32>>;

impl Network {
    /// Reads the bytes of a file.
    ///
    /// # Errors
    /// Says what is wrong with them.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Network, String> {
        if bytes.len() > MOST_BYTES {
            return Err(format!("{} bytes, expected no more than {MOST_BYTES}", bytes.len()));
        }
        let file = SafeTensors::deserialize(bytes).map_err(|e| format!("not safetensors: {e}"))?;
        let mut named = Named::new();
        for (name, shape) in SHAPES {
            let tensor = file.tensor(name).map_err(|_| format!("no tensor `{name}`"))?;
            if tensor.dtype() != Dtype::F32 || tensor.shape() != shape {
                let (dtype, found) = (tensor.dtype(), tensor.shape());
                return Err(format!("`{name}` is {dtype:?} {found:?}, expected F32 {shape:?}"));
            }
            let numbers = tensor.data().chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]));
            let numbers: Vec<f32> = numbers.collect();
            if let Some(bad) = numbers.iter().find(|n| !n.is_finite()) {
                return Err(format!("`{name}` has a {bad}, expected numbers"));
            }
            named.insert(name.to_owned(), numbers);
        }
        Ok(Network::from_named(&named))
    }

    /// From weights of the right shapes.
    pub(crate) fn from_named(named: &Named) -> Network {
        let nothing = vec![0.0; HIDDEN];
        let get = |name: &str| named.get(name).unwrap_or(&nothing);
        Network {
            each: layer(get("each.weight"), get("each.bias")),
            own: layer(get("own.weight"), get("own.bias")),
            mean: layer(get("mean.weight"), &nothing),
            score: layer(get("score.weight"), get("score.bias")),
            state: layer(get("state.weight"), get("state.bias")),
            value: layer(get("value.weight"), get("value.bias")),
        }
    }
}

fn layer<const IN: usize, const OUT: usize>(weights: &[f32], bias: &[f32]) -> Layer<IN, OUT> {
    let row = |row: &[f32]| std::array::from_fn(|k| row[k]);
    Layer { weights: weights.chunks_exact(OUT).map(row).collect(), bias: row(&bias[..OUT]) }
}

/// Weights as the bytes of a file.
///
/// # Panics
/// Where a tensor is missing.
#[cfg(any(test, feature = "train"))]
pub(crate) fn to_bytes(named: &Named) -> Vec<u8> {
    use safetensors::tensor::TensorView;
    let little = |numbers: &Vec<f32>| numbers.iter().flat_map(|n| n.to_le_bytes()).collect::<Vec<u8>>();
    let data: BTreeMap<&str, Vec<u8>> = SHAPES.iter().map(|&(name, _)| (name, little(&named[name]))).collect();
    let views = SHAPES.iter().map(|(name, shape)| {
        let view = TensorView::new(Dtype::F32, shape.to_vec(), &data[name]).expect("as many numbers as its shape says");
        (*name, view)
    });
    safetensors::serialize(views, None).expect("tensors can be written")
}

/// Weights drawn from a seed: uniform, by the number of inputs (He et al., 2015).
pub(crate) fn drawn(seed: u64) -> Named {
    let mut rng = crate::rng(seed);
    let draw = |(name, [inputs, outputs]): (&str, [usize; 2])| {
        let bound = if name.ends_with("bias") { 0.0 } else { (3.0 / inputs as f32).sqrt() };
        let numbers = (0..inputs * outputs).map(|_| (2.0 * rng.unit() - 1.0) * bound).collect();
        (name.to_owned(), numbers)
    };
    SHAPES.into_iter().map(draw).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_gives_what_was_written() {
        let named = drawn(7);
        let network = Network::from_bytes(&to_bytes(&named)).expect("sound weights");
        assert_eq!(network, Network::from_named(&named));
        assert_ne!(network, Network::from_named(&drawn(8)));
    }

    #[test]
    fn damaged_files_are_named() {
        let good = to_bytes(&drawn(7));
        assert!(Network::from_bytes(&good[..good.len() - 5]).is_err());
        assert!(Network::from_bytes(b"").is_err());
        assert!(Network::from_bytes(&vec![0; MOST_BYTES + 1]).unwrap_err().contains("no more than"));
        let mut bad = drawn(7);
        bad.get_mut("own.bias").expect("it is there")[3] = f32::NAN;
        assert_eq!(Network::from_bytes(&to_bytes(&bad)).unwrap_err(), "`own.bias` has a NaN, expected numbers");
        for cut in 0..good.len() {
            let mut damaged = good.clone();
            damaged[cut] ^= 0x55;
            let _ = Network::from_bytes(&damaged); // an error or other weights, but no panic
        }
    }
}
