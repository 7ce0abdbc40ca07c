const FNV_OFFSET_128 = 0x6c62272e07bb014262b821756295c58dn;
const FNV_PRIME_128 = 0x0000000001000000000000000000013bn;
const MASK_128 = (1n << 128n) - 1n;

/**
 * A UUID (version 8, RFC 9562) that depends on `name` alone. A workflow task that is executed again after a crash may see
 * another time and draw other random numbers, but its causes have the same names: it meets the rows it wrote before.
 * FNV-1a with 128 bits: unique within a conversation is enough, so no cryptographic hash is needed in the sandbox.
 */
export function derivedId(name: string): string {
  let hash = FNV_OFFSET_128;
  for (let i = 0; i < name.length; i++) {
    hash = ((hash ^ BigInt(name.charCodeAt(i))) * FNV_PRIME_128) & MASK_128;
  }
  const hex = hash.toString(16).padStart(32, '0');
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}
