import { z } from 'zod';
import { roleSchema } from './access.ts';
import { label, storable } from './storable.ts';

// Zod's own, with the length of the part before the @ that mail servers take (RFC 5321, 4.5.3.1.1).
const EMAIL = new RegExp(z.regexes.email.source.replace('^', '^(?=.{1,64}@)'));
/** Lower case: one person must not have two accounts that differ in it. */
export const emailSchema = z.email({ pattern: EMAIL }).max(254).toLowerCase();
/** Length is what makes a password hard to guess (NIST SP 800-63B); the upper end bounds what hashing costs. */
export const PASSWORD_LENGTH = { min: 12, max: 128 } as const;
export const newPasswordSchema = z.string().min(PASSWORD_LENGTH.min).max(PASSWORD_LENGTH.max);
/** A known password may be from a time with other rules. */
const knownPasswordSchema = z.string().min(1).max(PASSWORD_LENGTH.max);
export const personNameSchema = label(80);
const oneTimeTokenSchema = storable(z.string().min(16).max(128));

const personSchema = z.object({
  id: z.string(),
  email: z.string(),
  name: z.string(),
  twoFactorEnabled: z.boolean(),
});

/** POST /api/auth/sign-in */
export const signInRequestSchema = z.object({ email: emailSchema, password: knownPasswordSchema });
/** With `second_factor`, nobody is signed in yet: POST /api/auth/sign-in/totp or …/recovery-code comes next, within 10 minutes. */
export const signInResponseSchema = z.object({ status: z.enum(['signed_in', 'second_factor']) });

/** POST /api/auth/sign-in/totp */
export const totpCodeSchema = z.object({ code: z.string().regex(/^\d{6}$/, 'must be 6 digits') });
/** POST /api/auth/sign-in/recovery-code */
export const recoveryCodeSchema = z.object({ code: z.string().min(4).max(32) });

/** GET /api/auth/me */
export const meResponseSchema = z.object({
  user: personSchema,
  /** Runs the installation: an admin of every tenant. */
  platformAdmin: z.boolean(),
  memberships: z.array(z.object({ tenantId: z.uuid(), role: roleSchema })),
});

/** POST /api/auth/password */
export const changePasswordSchema = z.object({ currentPassword: knownPasswordSchema, newPassword: newPasswordSchema });
/** POST /api/auth/password/reset-request */
export const resetRequestSchema = z.object({ email: emailSchema });
/** POST /api/auth/password/reset; `token` came by e-mail. */
export const resetPasswordSchema = z.object({ token: oneTimeTokenSchema, newPassword: newPasswordSchema });

/** POST /api/auth/totp/enrol, …/disable and …/recovery-codes: the password once more. */
export const confirmPasswordSchema = z.object({ password: knownPasswordSchema });
/** Nothing of it is shown again. The app's first code at /api/auth/totp/verify switches the second factor on. */
export const totpEnrolmentSchema = z.object({ uri: z.string(), recoveryCodes: z.array(z.string()) });
export const recoveryCodesSchema = z.object({ recoveryCodes: z.array(z.string()) });

/** POST /api/auth/invitations/accept. `name` and `password` make an account; who has one signs in first and sends neither. */
export const acceptInvitationSchema = z.object({
  token: oneTimeTokenSchema,
  account: z.object({ name: personNameSchema, password: newPasswordSchema }).optional(),
});
export const acceptedInvitationSchema = z.object({ tenantId: z.uuid() });

/** GET /api/auth/oidc/:provider/start. `returnTo` is a path of this installation, so that nobody is sent elsewhere. */
export const oidcStartQuerySchema = z.object({
  returnTo: z
    .string()
    .max(1_024)
    .regex(/^\/(?![/\\])[\x21-\x7e]*$/, 'must be a path')
    .default('/console/'),
});
export const oidcSlugSchema = z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/, 'must be like `acme-corp`');

/** POST /v1/admin/invitations */
export const createInvitationSchema = z.object({ email: emailSchema, role: roleSchema });
export const invitationSchema = z.object({
  id: z.uuid(),
  email: z.string(),
  role: roleSchema,
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  acceptedAt: z.iso.datetime().nullable(),
});

/** PUT /v1/admin/identity-provider. The secret is never given back; left out, the present one stays. */
export const saveIdentityProviderSchema = z.object({
  slug: oidcSlugSchema,
  issuer: z.url({ protocol: /^https?$/ }).max(512),
  clientId: label(256),
  clientSecret: storable(z.string().min(1).max(1_024)).optional(),
  /** What whoever signs in for the first time becomes. */
  defaultRole: roleSchema,
});
export const identityProviderSchema = saveIdentityProviderSchema.omit({ clientSecret: true }).extend({
  /** What the provider must be told to allow. */
  redirectUri: z.string(),
  updatedAt: z.iso.datetime(),
});
