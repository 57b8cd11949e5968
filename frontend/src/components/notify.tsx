import { notifications } from '@mantine/notifications';

import { wordsOf } from '@/api';
import { common } from '@/strings/common';

import { Icon } from './Icon';

const closeButtonProps = { 'aria-label': common.close };

/** Say in passing that something is done. */
export function notifyDone(message: string): void {
  notifications.show({ message, color: 'good', icon: <Icon name="check" size={16} />, closeButtonProps });
}

/** Say in passing that something went wrong; it stays until it is closed. */
export function notifyProblem(error: unknown): void {
  const icon = <Icon name="warning" size={16} />;
  notifications.show({ title: common.errorTitle, message: wordsOf(error), color: 'bad', icon, autoClose: false, closeButtonProps });
}
