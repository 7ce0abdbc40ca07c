import { CodedError } from '../../../contracts/errors.ts';
import { siteLookSchema } from '../../../contracts/site.ts';
import { type SiteInput, type SiteView, siteSettingsSchema } from '../../../contracts/siteAdmin.ts';
import { differences } from '../../differences.ts';
import type { sites } from '../../schema/sites.ts';

export type SiteRow = typeof sites.$inferSelect;

/** What an administrator sets of a site; the identity's secret is sealed already. */
export type SiteFields = Omit<SiteInput, 'identitySecret'> & Pick<SiteRow, 'identitySecret'>;

/** The columns of the fields that are given: of look and settings only what differs from the defaults. */
export function toColumns({ look, settings, ...plain }: Partial<SiteFields>) {
  return {
    ...plain,
    look: look && differences(look, siteLookSchema.parse({})),
    settings: settings && differences(settings, siteSettingsSchema.parse({})),
  };
}

/** A site as the admin API shows it: everything but the secret. */
export function toSiteView(row: SiteRow): SiteView {
  const { id, key, name, allowedOrigins, flowId, locale, rollout, rolloutPercent, protection, identity } = row;
  return {
    ...{ id, key, name, allowedOrigins, flowId, locale, rollout, rolloutPercent, protection, identity },
    look: siteLookSchema.parse(row.look),
    settings: siteSettingsSchema.parse(row.settings),
    hasIdentitySecret: row.identitySecret !== null,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

/** Throws `invalid_request` for fields that contradict each other. */
export function requireSoundSite(site: Pick<SiteFields, 'rollout' | 'rolloutPercent' | 'identity' | 'identitySecret'>) {
  if ((site.rollout === 'tiered') !== (site.rolloutPercent !== null)) {
    refuse('/rolloutPercent', 'a tiered rollout needs one, any other has none');
  }
  if ((site.identity?.mode === 'secret') !== (site.identitySecret !== null)) {
    refuse('/identitySecret', 'an identity of the mode "secret" needs one, any other has none');
  }
}

function refuse(path: string, message: string): never {
  throw new CodedError('invalid_request', 'Fields of the site contradict each other.', {
    details: [{ path, message }],
  });
}
