//! What was stored comes back; what is damaged, newer or half replaced does not.
use super::*;

fn example() -> Manifest {
    Manifest {
        store: 0x0011_2233_4455_6677_8899_AABB_CCDD_EEFF,
        salt: 0xDEAD_BEEF,
        generation: 3,
        snapshot: Some(Snapshot { position: 4096, len: 777, footer: 0xFEED }),
        log_start: 4000,
        durable: 5000,
        clean: true,
        features: 0,
    }
}

/// With a checksum that fits.
fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    let end = bytes.len() - 4;
    let crc = crc32fast::hash(&bytes[..end]);
    bytes[end..].copy_from_slice(&crc.to_le_bytes());
    bytes
}

#[test]
fn every_field_comes_back() {
    let fresh = Manifest { snapshot: None, clean: false, features: 0x8000_0000, ..example() };
    for manifest in [example(), fresh] {
        assert_eq!(Manifest::decode(&manifest.encode()), Ok(manifest));
    }
}

#[test]
fn no_changed_byte_and_no_other_length_is_accepted() {
    let bytes = example().encode();
    for at in 0..bytes.len() {
        for change in 1..=255 {
            let mut damaged = bytes;
            damaged[at] ^= change;
            assert!(Manifest::decode(&damaged).is_err(), "byte {at} changed by {change}");
        }
    }
    for len in 0..bytes.len() {
        assert!(Manifest::decode(&bytes[..len]).is_err(), "cut to {len}");
        if len >= 4 {
            assert!(Manifest::decode(&sealed(bytes[..len].to_vec())).is_err(), "made with {len}");
        }
    }
    assert!(Manifest::decode(&[&bytes[..], &[0; 8]].concat()).is_err());
}

#[test]
fn newer_versions_are_refused_by_name_and_newer_minor_ones_are_read() {
    let with = |at: usize, field: &[u8]| {
        let mut bytes = example().encode().to_vec();
        bytes[at..at + field.len()].copy_from_slice(field);
        Manifest::decode(&sealed(bytes))
    };
    assert_eq!(
        with(8, &[2, 0]).unwrap_err(),
        "it was written by a newer version (format 2, this one reads 1)"
    );
    assert!(with(8, &[0, 0]).unwrap_err().contains("format 0"));
    assert!(with(12, &[4, 0, 0, 0]).unwrap_err().contains("features 0x4"));
    assert_eq!(with(12, &[0, 0, 4, 0]).map(|m| m.features), Ok(0x4_0000));
    let longer = [&example().encode()[..], &[7; 16]].concat();
    assert_eq!(Manifest::decode(&sealed(longer)), Ok(example()));
    assert_eq!(with(10, &[9, 0]), Ok(example()));
    assert!(with(64, &5000u64.to_le_bytes()).unwrap_err().contains("behind its snapshot"));
}
