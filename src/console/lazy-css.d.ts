declare module '*.lazy.css' {
  const styles: string;
  export default styles;
}
