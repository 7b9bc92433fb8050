import { adopt } from './pages/lazy.tsx';
import styles from './rules.lazy.css';

adopt(styles);
