// Deflate (RFC 1951), for browsers without DecompressionStream.

const LENGTHS = [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258];
const LENGTH_BITS = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const DISTANCES = [1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577];
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

// Codes of each length, and the symbols in the order of their codes.
function huffman(lengths) {
  const counts = new Uint16Array(16), first = new Uint16Array(16), symbols = new Uint16Array(lengths.length);
  for (const length of lengths) if (length) counts[length]++;
  for (let i = 1; i < 15; i++) first[i + 1] = first[i] + counts[i];
  lengths.forEach((length, symbol) => { if (length) symbols[first[length]++] = symbol; });
  return { counts, symbols };
}

function inflate(input) {
  let at = 2, buffer = 0, held = 0; // after the two bytes of the zlib header
  let out = new Uint8Array(input.length * 6), size = 0;
  const bits = (n) => {
    while (held < n) {
      if (at >= input.length) throw new Error("the data of this page breaks off");
      buffer |= input[at++] << held;
      held += 8;
    }
    const value = buffer & ((1 << n) - 1);
    buffer >>>= n;
    held -= n;
    return value;
  };
  const room = (n) => {
    if (size + n <= out.length) return;
    const larger = new Uint8Array(Math.max(out.length * 2, size + n));
    larger.set(out);
    out = larger;
  };
  const decode = ({ counts, symbols }) => {
    let code = 0, first = 0, index = 0;
    for (let length = 1; length < 16; length++) {
      code |= bits(1);
      if (code - first < counts[length]) return symbols[index + code - first];
      index += counts[length];
      first = (first + counts[length]) << 1;
      code <<= 1;
    }
    throw new Error("the data of this page is damaged");
  };
  const fixed = () => {
    const lengths = Array.from({ length: 288 }, (_, i) => (i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8));
    return [huffman(lengths), huffman(new Array(30).fill(5))];
  };
  const dynamic = () => {
    const literals = bits(5) + 257, distances = bits(5) + 1, codes = bits(4) + 4;
    const lengths = new Array(19).fill(0);
    for (let i = 0; i < codes; i++) lengths[ORDER[i]] = bits(3);
    const code = huffman(lengths), all = [];
    while (all.length < literals + distances) {
      const symbol = decode(code);
      if (symbol < 16) all.push(symbol);
      else if (symbol === 16) for (let n = 3 + bits(2), last = all[all.length - 1]; n > 0; n--) all.push(last);
      else for (let n = symbol === 17 ? 3 + bits(3) : 11 + bits(7); n > 0; n--) all.push(0);
    }
    return [huffman(all.slice(0, literals)), huffman(all.slice(literals, literals + distances))];
  };
  for (let last = 0; !last;) {
    last = bits(1);
    const kind = bits(2);
    if (kind === 0) {
      buffer = held = 0;
      const n = input[at] | (input[at + 1] << 8);
      room(n);
      out.set(input.subarray(at + 4, at + 4 + n), size);
      at += 4 + n;
      size += n;
      continue;
    }
    const [literal, distance] = kind === 1 ? fixed() : dynamic();
    for (let symbol = decode(literal); symbol !== 256; symbol = decode(literal)) {
      if (symbol < 256) {
        room(1);
        out[size++] = symbol;
        continue;
      }
      const n = LENGTHS[symbol - 257] + bits(LENGTH_BITS[symbol - 257]);
      const d = decode(distance);
      const from = size - DISTANCES[d] - bits(d < 2 ? 0 : (d >> 1) - 1);
      room(n);
      for (let i = 0; i < n; i++) out[size++] = out[from + i];
    }
  }
  return out.subarray(0, size);
}
