//! Integers of any size, as far as reading and printing a long double needs them.

/// The largest power of ten below 2^64, and its exponent.
const CHUNK: (u64, u32) = (10u64.pow(19), 19);

/// A natural number: limbs of 64 bits, the lowest first, the last of them not zero.
#[derive(Debug, Clone)]
pub struct Natural {
    limbs: Vec<u64>,
}

impl Natural {
    /// Makes a small number.
    pub fn of(value: u64) -> Self {
        Self { limbs: if value == 0 { Vec::new() } else { vec![value] } }
    }

    /// Reads decimal digits, which must be such.
    pub fn of_digits(digits: &[u8]) -> Self {
        let mut number = Self::of(0);
        for chunk in digits.chunks(CHUNK.1 as usize) {
            let value = chunk.iter().fold(0, |value, digit| value * 10 + u64::from(digit - b'0'));
            number.times_plus(10u64.pow(chunk.len() as u32), value);
        }
        number
    }

    /// Tells whether the number is 0.
    pub fn is_zero(&self) -> bool {
        self.limbs.is_empty()
    }

    /// The number of bits up to the highest that is set.
    pub fn bits(&self) -> u32 {
        self.limbs.last().map_or(0, |last| self.limbs.len() as u32 * 64 - last.leading_zeros())
    }

    fn times_plus(&mut self, factor: u64, plus: u64) {
        let mut carry = u128::from(plus);
        for limb in &mut self.limbs {
            carry += u128::from(*limb) * u128::from(factor);
            *limb = carry as u64;
            carry >>= 64;
        }
        if carry > 0 {
            self.limbs.push(carry as u64);
        }
    }

    /// Multiplies by a power of ten.
    pub fn times_power_of_ten(&mut self, mut power: u32) {
        while power > 0 {
            let step = power.min(CHUNK.1);
            self.times_plus(10u64.pow(step), 0);
            power -= step;
        }
    }

    /// Multiplies by a power of two.
    pub fn shifted_up(mut self, bits: u32) -> Self {
        let (limbs, bits) = ((bits / 64) as usize, bits % 64);
        if bits > 0 {
            let mut carry = 0;
            for limb in &mut self.limbs {
                (*limb, carry) = (*limb << bits | carry, *limb >> (64 - bits));
            }
            if carry > 0 {
                self.limbs.push(carry);
            }
        }
        if limbs > 0 && !self.limbs.is_empty() {
            self.limbs.splice(0..0, std::iter::repeat_n(0, limbs));
        }
        self
    }

    /// Subtracts `other` when it is not larger, and tells whether it did.
    pub fn take(&mut self, other: &Self) -> bool {
        let key = |n: &Self| n.limbs.len();
        let smaller =
            key(self).cmp(&key(other)).then_with(|| self.limbs.iter().rev().cmp(other.limbs.iter().rev()));
        if smaller.is_lt() {
            return false;
        }
        let mut borrow = false;
        for (at, limb) in self.limbs.iter_mut().enumerate() {
            let (rest, first) = limb.overflowing_sub(other.limbs.get(at).copied().unwrap_or(0));
            let (rest, second) = rest.overflowing_sub(borrow.into());
            (*limb, borrow) = (rest, first || second);
        }
        self.trim();
        true
    }

    fn trim(&mut self) {
        while self.limbs.last() == Some(&0) {
            self.limbs.pop();
        }
    }

    /// The decimal digits.
    pub fn decimal(mut self) -> Vec<u8> {
        let mut chunks = Vec::new();
        while !self.is_zero() {
            let mut rest = 0u128;
            for limb in self.limbs.iter_mut().rev() {
                rest = rest << 64 | u128::from(*limb);
                *limb = (rest / u128::from(CHUNK.0)) as u64;
                rest %= u128::from(CHUNK.0);
            }
            chunks.push(rest as u64);
            self.trim();
        }
        let mut text = chunks.pop().unwrap_or(0).to_string();
        while let Some(chunk) = chunks.pop() {
            text.push_str(&format!("{chunk:0width$}", width = CHUNK.1 as usize));
        }
        text.into_bytes()
    }
}
