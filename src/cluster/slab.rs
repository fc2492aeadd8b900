//! Numbered places for values that come and go.

/// Values under stable numbers; places are used again, the last one freed first.
pub struct Slab<T> {
    values: Vec<T>,
    free: Vec<u32>,
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self { values: Vec::new(), free: Vec::new() }
    }
}

impl<T: Copy> Slab<T> {
    /// Stores a value and returns its number.
    #[inline]
    pub fn add(&mut self, value: T) -> u32 {
        if let Some(slot) = self.free.pop() {
            self.values[slot as usize] = value;
            slot
        } else {
            self.values.push(value);
            (self.values.len() - 1) as u32
        }
    }

    /// The value with this number.
    #[inline]
    pub fn get(&self, slot: u32) -> &T {
        &self.values[slot as usize]
    }

    /// The value with this number, to change it.
    #[inline]
    pub fn get_mut(&mut self, slot: u32) -> &mut T {
        &mut self.values[slot as usize]
    }

    /// Frees the place.
    #[inline]
    pub fn remove(&mut self, slot: u32) {
        self.free.push(slot);
    }

    /// Numbers in use, ascending.
    pub fn occupied(&self) -> Vec<u32> {
        let mut is_used = vec![true; self.values.len()];
        for &slot in &self.free {
            is_used[slot as usize] = false;
        }
        (0..self.values.len() as u32).filter(|&slot| is_used[slot as usize]).collect()
    }
}
