import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core';

/** Ten shades, light to dark. Shade 8 carries white text and shade 9 is text on white: both pass WCAG AA. */
const ink: MantineColorsTuple = ['#f4f6ff', '#e6eaff', '#cfd6ff', '#b6c0fb', '#9ca8f2', '#8590e4', '#7079d3', '#5e66bd', '#4d53a6', '#393e86'];
const tierOne: MantineColorsTuple = ['#f0f9f9', '#dcf0ef', '#bce2e1', '#97d1d0', '#71bdbd', '#4da9a9', '#259595', '#008181', '#006d6e', '#005556'];
const tierTwo: MantineColorsTuple = ['#fbf4fd', '#f5e5f8', '#eccdf1', '#dfb2e6', '#cf96d8', '#bd7cc7', '#a964b4', '#9550a0', '#803f8a', '#652c6e'];
const tierThree: MantineColorsTuple = ['#fef5ef', '#fbe6db', '#f7d0bb', '#eeb697', '#e19b74', '#d18254', '#be6a37', '#a85721', '#92450b', '#743100'];
const good: MantineColorsTuple = ['#f1f9f3', '#def1e2', '#bfe4c8', '#9dd4ab', '#7ac18d', '#59ad73', '#39995b', '#208548', '#007137', '#005826'];
const bad: MantineColorsTuple = ['#fff2f1', '#ffe2de', '#ffc6c1', '#ffa7a1', '#fc8681', '#ed6864', '#da4a4b', '#c33438', '#aa1e28', '#890517'];
const care: MantineColorsTuple = ['#fcf6ed', '#f6e9d6', '#edd5b1', '#e1be88', '#d2a65e', '#c08e36', '#ad7700', '#996400', '#835200', '#683d00'];
const gray: MantineColorsTuple = ['#fcfaf6', '#f5f3ef', '#eae8e3', '#dcdad6', '#c6c4c0', '#a6a4a0', '#82807c', '#5c5b57', '#3e3d3a', '#252421'];
const dark: MantineColorsTuple = ['#d5d7e0', '#b8bac2', '#a2a4ac', '#707179', '#4b4d54', '#34353c', '#25262c', '#1a1b21', '#121319', '#0c0d12'];

export const theme = createTheme({
  primaryColor: 'ink',
  primaryShade: 8,
  colors: { ink, tierOne, tierTwo, tierThree, good, bad, care, gray, dark },
  black: '#252421',
  defaultRadius: 'sm',
  cursorType: 'pointer',
  respectReducedMotion: true,
  fontFamily: 'ui-sans-serif, system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace',
  fontSizes: { xs: '0.78rem', sm: '0.875rem', md: '0.95rem', lg: '1.1rem', xl: '1.3rem' },
  headings: {
    fontWeight: '650',
    sizes: { h1: { fontSize: '1.5rem' }, h2: { fontSize: '1.1rem' }, h3: { fontSize: '0.95rem' } },
  },
});

/** Colours by what they mean; Mantine's own greys for quiet text and errors are too pale to read. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-body': '#fcfaf6',
    '--mantine-color-dimmed': '#5c5b57',
    '--mantine-color-placeholder': '#6d6b67',
    '--mantine-color-error': '#aa1e28',
    '--mantine-color-anchor': '#4d53a6',
    '--tw-surface': '#ffffff',
    '--tw-line': '#dcdad6',
    '--tw-sunken': '#f5f3ef',
    '--tw-tier-1': '#008181',
    '--tw-tier-2': '#9550a0',
    '--tw-tier-3': '#a85721',
    '--tw-good': '#208548',
    '--tw-bad': '#c33438',
    '--tw-care': '#996400',
  },
  dark: {
    '--mantine-color-body': '#121319',
    '--mantine-color-dimmed': '#a2a4ac',
    '--mantine-color-placeholder': '#8d8f97',
    '--mantine-color-error': '#fc8681',
    '--mantine-color-anchor': '#b6c0fb',
    '--tw-surface': '#1a1b21',
    '--tw-line': '#34353c',
    '--tw-sunken': '#0c0d12',
    '--tw-tier-1': '#4da9a9',
    '--tw-tier-2': '#cf96d8',
    '--tw-tier-3': '#e19b74',
    '--tw-good': '#59ad73',
    '--tw-bad': '#fc8681',
    '--tw-care': '#d2a65e',
  },
});
