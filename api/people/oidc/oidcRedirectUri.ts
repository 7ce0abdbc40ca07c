/** Where a provider sends browsers back to; its operator has to allow exactly this. */
export function oidcRedirectUri(publicUrl: string, slug: string): string {
  return `${publicUrl}/api/auth/oidc/${slug}/callback`;
}
