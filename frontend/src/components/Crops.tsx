import { Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';

import classes from './Crops.module.css';

/** A picture of one element, cut out; words where there is none, or where it was removed with the files of its run. */
export function Crop({ address, alt, absent }: { address: string | null; alt: string; absent: ReactNode }): ReactNode {
  const [lost, setLost] = useState<string | null>(null);
  if (address === null || lost === address) {
    return (
      <Text size="sm" c="dimmed">
        {absent}
      </Text>
    );
  }
  return <img className={classes.crop} src={address} alt={alt} onError={() => setLost(address)} />;
}
