import { ActionIcon, type ActionIconProps, Anchor, type AnchorProps, Button, type ButtonProps, NavLink, type NavLinkProps } from '@mantine/core';
import { createLink } from '@tanstack/react-router';
import type { AnchorHTMLAttributes, ReactNode, Ref } from 'react';

/** Attributes of an `<a>` that the component itself does not take. */
type Native<Props> = Omit<AnchorHTMLAttributes<HTMLAnchorElement>, keyof Props> & Props & { ref?: Ref<HTMLAnchorElement> };

/** A link in a text: `<TextLink {...paths.run(project, id)}>`. */
export const TextLink = createLink((props: Native<AnchorProps>): ReactNode => <Anchor underline="always" {...props} />);

/** A link that looks like a button. */
export const ButtonLink = createLink((props: Native<ButtonProps>): ReactNode => <Button component="a" {...props} />);

/** A link that is an icon; give it an `aria-label`. */
export const IconLink = createLink(
  (props: Native<ActionIconProps>): ReactNode => <ActionIcon component="a" variant="subtle" {...props} />,
);

/** A link of the navigation. */
export const MenuLink = createLink((props: Native<NavLinkProps>): ReactNode => <NavLink component="a" {...props} />);
