import type { ComponentChildren } from 'preact';

function Icon({ size, children }: { size: number; children: ComponentChildren }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="2"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      {children}
    </svg>
  );
}

export const ChatIcon = () => (
  <Icon size={28}>
    <path
      d="M12 3.5c-5 0-9 3.4-9 7.7 0 2.5 1.4 4.7 3.5 6.1-.1 1-.5 2-1.2 2.9-.2.3 0 .7.4.6 1.7-.2 3.2-.8 4.4-1.7.6.1 1.3.2 1.9.2 5 0 9-3.6 9-8.1S17 3.5 12 3.5Z"
      fill="currentColor"
      stroke="none"
    />
    <path d="M8 9.8h8M8 13.2h5" stroke="var(--accent)" />
  </Icon>
);

export const ChevronDownIcon = ({ size = 24 }: { size?: number }) => (
  <Icon size={size}>
    <path d="m6 9 6 6 6-6" />
  </Icon>
);

export const ClipIcon = () => (
  <Icon size={20}>
    <path d="m20 11.5-8.2 8.2a5.2 5.2 0 0 1-7.4-7.4l8.6-8.6a3.5 3.5 0 0 1 4.9 4.9l-8.5 8.6a1.7 1.7 0 0 1-2.5-2.5l7.9-7.8" />
  </Icon>
);

export const FileIcon = () => (
  <Icon size={20}>
    <path d="M6 3h8l5 5v13H6zM14 3v5h5" />
  </Icon>
);

export const CloseIcon = () => (
  <Icon size={14}>
    <path d="M6 6l12 12M18 6 6 18" />
  </Icon>
);

export const SendIcon = () => (
  <Icon size={18}>
    <path d="M12 19V5M5.5 11.5 12 5l6.5 6.5" stroke-width="2.4" />
  </Icon>
);

export const ReplyIcon = () => (
  <Icon size={16}>
    <path d="M9.5 6 4 11.5 9.5 17M4.5 11.5H14a6 6 0 0 1 6 6v1" />
  </Icon>
);

export const StarIcon = () => (
  <svg width="30" height="30" viewBox="0 0 24 24" aria-hidden="true">
    <path d="m12 2.6 2.9 5.9 6.5.9-4.7 4.6 1.1 6.5-5.8-3.1-5.8 3.1 1.1-6.5L2.6 9.4l6.5-.9Z" />
  </svg>
);

export const SparkIcon = () => (
  <svg width="15" height="15" viewBox="0 0 24 24" fill="currentColor" aria-hidden="true">
    <path d="M12 2c.6 5.6 4.4 9.4 10 10-5.6.6-9.4 4.4-10 10-.6-5.6-4.4-9.4-10-10 5.6-.6 9.4-4.4 10-10Z" />
  </svg>
);

export const LinkIcon = () => (
  <Icon size={12}>
    <path d="M9.5 14.5a4 4 0 0 0 5.7 0l3.3-3.3a4 4 0 0 0-5.7-5.7l-1 1M14.5 9.5a4 4 0 0 0-5.7 0l-3.3 3.3a4 4 0 0 0 5.7 5.7l1-1" />
  </Icon>
);

export const CheckIcon = ({ twice }: { twice: boolean }) => (
  <svg
    width="16"
    height="12"
    viewBox="0 0 20 14"
    fill="none"
    stroke="currentColor"
    stroke-width="2"
    stroke-linecap="round"
    stroke-linejoin="round"
    aria-hidden="true"
  >
    <path d={twice ? 'M1.5 7.5 5 11l7.5-8M9 11l7.5-8' : 'M4 7.5 7.5 11 15 3'} />
  </svg>
);

export const AlertIcon = () => (
  <Icon size={14}>
    <circle cx="12" cy="12" r="9" />
    <path d="M12 8v4.5M12 16h.01" />
  </Icon>
);
